// States on two grids, split over ranks: the values and errors of one rank.
#include "mesh/box_grid.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace understudy::surrogates {

namespace {

mesh::State<double> state_on(const core::Comm& comm, long long nx, long long ny) {
  using mesh::Location, mesh::Role;
  const auto grid =
      std::make_shared<const mesh::BoxGrid>(mesh::GridParams{{0, 0}, {2, 1}, {nx, ny}, {}},
                                            std::array<bool, 3>{true, false, false}, comm);
  mesh::State<double> state(
      grid, {{.name = "u", .unit = "m/s", .location = Location::face_x, .role = Role::prognostic},
             {.name = "v", .unit = "m/s", .location = Location::face_y, .role = Role::prognostic},
             {.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}});
  for (auto& field : state.fields()) {
    const auto host = Kokkos::create_mirror_view(field.data);
    const mesh::Range3 r = grid->points(field.info.location);
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const double x = grid->coordinate(field.info.location, 0, i),
                     y = grid->coordinate(field.info.location, 1, j);
        host(0, 0, j, i) = std::sin(3 * x + 0.2) * std::cos(4 * y * y) + x * y;
      }
    Kokkos::deep_copy(field.data, host);
  }
  return state;
}

}  // namespace

TEST(GridSampling, OnSeveralRanksIsThatOfOne) {
  const auto world = core::Comm::world(), self = core::Comm::self();
  auto fine = state_on(world, 48, 24), coarse = state_on(world, 24, 12);
  auto fine_alone = state_on(self, 48, 24), coarse_alone = state_on(self, 24, 12);
  sample(fine, coarse);
  sample(fine_alone, coarse_alone);
  const mesh::Grid& grid = coarse.grid();
  for (const auto& field : coarse.fields()) {
    const auto mine = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto whole = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                                           coarse_alone[field.info.name].data);
    const mesh::Range3 r = grid.points(field.info.location);
    double worst = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        worst = std::max(worst, std::abs(mine(0, 0, j, i) -
                                         whole(0, 0, j + grid.offset(1), i + grid.offset(0))));
    EXPECT_LT(worst, 1e-13) << field.info.name;
  }
  // Sampled values err by the interpolation alone; own values of the coarse grid do, too.
  const auto errors = error_against(fine, coarse), alone = error_against(fine_alone, coarse_alone);
  ASSERT_EQ(errors.size(), 3u);
  for (std::size_t n = 0; n < 3; ++n) EXPECT_NEAR(errors[n], alone[n], 1e-13);
  const auto own = error_against(fine, state_on(world, 24, 12));
  for (const double e : own) {
    EXPECT_GT(e, 1e-12);
    EXPECT_LT(e, 1e-2);
  }
}

}  // namespace understudy::surrogates
