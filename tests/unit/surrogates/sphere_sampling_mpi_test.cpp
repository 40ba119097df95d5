// States of one sphere compared at the points of another grid: the error falls with the fourth power of the finer
// spacing, and is weighed by the cells' measure.
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/cell_measure.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy {

using namespace surrogates;

namespace {

mesh::State<double> smooth_state(long long n) {
  const auto grid = std::make_shared<const mesh::CubedSphereGrid>(
      mesh::CubedSphereParams{.cells = n, .radius_m = 1, .ranks = {}}, core::Comm::world());
  mesh::State<double> state(
      grid, {{.name = "depth", .unit = "m"}, {.name = "velocity", .unit = "m/s", .components = 3}});
  for (auto& field : state.fields()) {
    const auto host = Kokkos::create_mirror_view(field.data);
    Kokkos::deep_copy(host, 1e30);  // ghosts
    const auto r = grid->interior();
    for (int c = 0; c < field.info.components; ++c)
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i) {
            const mesh::Vector3 x = grid->direction(k, j, i);
            host(c, k, j, i) = 2 + std::sin(2 * x[0] + c) * std::cos(3 * x[1]) + x[2] * x[2];
          }
    Kokkos::deep_copy(field.data, host);
  }
  return state;
}

}  // namespace

TEST(SphereSampling, IsOfFourthOrder) {
  const auto coarse = smooth_state(14);
  std::vector<double> before;
  for (const long long n : {16, 32, 64}) {
    const auto errors = error_against(smooth_state(n), coarse);
    ASSERT_EQ(errors.size(), 2u);
    for (std::size_t f = 0; f < errors.size(); ++f) {
      EXPECT_LT(errors[f], 2e-3);
      if (!before.empty()) {
        EXPECT_GT(before[f] / errors[f], 11) << "from " << n / 2 << " to " << n << " cells";
      }
    }
    before = errors;
  }
}

TEST(SphereSampling, TakesTheValuesThemselvesOnTheSameGrid) {
  const auto one = smooth_state(16);
  auto other = smooth_state(16);
  EXPECT_EQ(error_against(one, other)[0], 0);
  Kokkos::deep_copy(other["velocity"].data, 0.0);
  sample(one, other);
  EXPECT_EQ(error_against(one, other)[1], 0);
}

TEST(SphereSampling, WeighsByTheCellsMeasure) {
  const auto one = smooth_state(16);
  const auto other = one.clone();
  const auto depth = other["depth"].component();
  const auto& grid = one.grid();
  // One cell in the corner of panel 0, on whichever rank it is.
  const bool here = grid.offset(0) == 0 && grid.offset(1) == 0;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), depth);
  if (here) host(0, grid.ghosts(1), grid.ghosts(0)) += 1;
  Kokkos::deep_copy(depth, host);
  const auto weights =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), grid.cell_measure().of_each);
  const double weight = grid.comm().sum(here ? weights(0, grid.ghosts(1), grid.ghosts(0)) : 0.0);
  EXPECT_NEAR(differences_to(one, other)[0].difference,
              std::sqrt(weight / mesh::weight_of_cells(grid)), 1e-12);
}

}  // namespace understudy
