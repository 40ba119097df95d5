// Errors between grids: what sampling a fine state on a coarse grid costs, and what it leaves exact.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "mesh/box_grid.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy {

using namespace surrogates;

namespace {

// A smooth field that is at its steepest beside the walls, and has no symmetry there.
double smooth(double x, double y) {
  return 2 + std::exp(-3 * y) * std::sin(2 * x + 0.3) + std::exp(2 * (y - 1)) * x * x;
}

template <class Real>
mesh::State<Real> between_walls(int nx) {
  using mesh::Location;
  const auto grid = std::make_shared<const mesh::BoxGrid>(
      tests::carrier_grid_params(nx, 2 * nx / 3), std::array<bool, 3>{}, core::Comm::self());
  mesh::State<Real> state(
      grid,
      {{.name = "u", .unit = "m/s", .location = Location::face_x, .role = mesh::Role::prognostic},
       {.name = "v", .unit = "m/s", .location = Location::face_y, .role = mesh::Role::prognostic},
       {.name = "p", .unit = "Pa", .location = Location::cell, .role = mesh::Role::prognostic}});
  for (auto& field : state.fields()) {
    const auto host = Kokkos::create_mirror_view(field.data);
    const auto r = grid->points(field.info.location);
    Kokkos::deep_copy(host, std::numeric_limits<Real>::quiet_NaN());  // no ghost may be read
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        host(0, 0, j, i) = static_cast<Real>(smooth(grid->coordinate(field.info.location, 0, i),
                                                    grid->coordinate(field.info.location, 1, j)));
    Kokkos::deep_copy(field.data, host);
  }
  return state;
}

}  // namespace

TEST(GridSampling, ChargesACoarseGridThatSamplesExactlyWithNothingOfLowOrder) {
  // Half and a third of the points; the error is the interpolation's, up to the walls.
  for (const int factor : {2, 3}) {
    std::vector<double> before;
    for (const int nx : {72, 144, 288}) {
      const auto errors =
          error_against(between_walls<double>(nx), between_walls<double>(nx / factor));
      ASSERT_EQ(errors.size(), 3u);
      for (std::size_t f = 0; f < errors.size(); ++f) {
        EXPECT_LT(errors[f], 1e-5) << nx;
        if (!before.empty() && before[f] > 1e-12) {
          EXPECT_GT(before[f] / errors[f], 8) << "third order at least, factor " << factor;
        }
      }
      before = errors;
    }
  }
}

TEST(GridSampling, TakesTheValuesThemselvesWherePointsCoincide) {
  const auto fine = between_walls<double>(36);
  auto same = between_walls<float>(36);
  for (auto& field : same.fields()) Kokkos::deep_copy(field.data, 0.f);
  sample(fine, same);
  for (const double e : error_against(fine, same)) EXPECT_LT(e, 1e-7) << "float's round-off";
  auto third = between_walls<double>(12);
  Kokkos::deep_copy(third["u"].data, 0.);
  sample(fine, third);
  const auto on_host = [](const auto& field) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.component());
  };
  const auto u = on_host(third["u"]), fine_u = on_host(fine["u"]);
  const auto& grid = third.grid();
  const int g = grid.ghosts(0);
  // Every third face of the fine grid is one of the coarse; along y the middle of three cells too.
  for (int i = 0; i <= grid.local_cells(0); ++i)
    EXPECT_EQ(u(0, g, g + i), fine_u(0, g + 1, g + 3 * i));
}

void scale_pressure(mesh::State<double>& state, double factor) {
  const auto p = state["p"].component();
  mesh::for_cells(
      "scale", state.grid().interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { p(k, j, i) *= factor; });
}

// A wave around a periodic axis at the points of a grid of twice its cells: the cubic's remainder at a place between
// the two points in the middle is 9/16 / 24 (2 pi h)^4 at most, at the joint, too, where one-sided cubics have four
// times as much at least.
TEST(GridSampling, OntoAFinerGridGoesAroundPeriodicAxes) {
  using mesh::Location;
  const auto wave = [](double x) { return std::sin(2 * std::numbers::pi * x + 0.4); };
  const auto on = [&](long long n) {
    const auto grid = std::make_shared<const mesh::BoxGrid>(
        mesh::GridParams{{0, 0}, {1, 1}, {n, 8}, {}}, std::array<bool, 3>{true, true, true},
        core::Comm::self());
    return mesh::State<double>(grid, {{.name = "u", .unit = "m/s", .location = Location::face_x},
                                      {.name = "p", .unit = "Pa"}});
  };
  const auto for_points = [&](const mesh::State<double>& state, const auto& act) {
    const auto& grid = dynamic_cast<const mesh::BoxGrid&>(state.grid());
    for (const auto& field : state.fields()) {
      const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
      const mesh::Range3 r = grid.points(field.info.location);
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          act(host(0, 0, j, i), wave(grid.coordinate(field.info.location, 0, i)));
      Kokkos::deep_copy(field.data, host);
    }
  };
  for (const int n : {16, 32}) {
    auto coarse = on(n), fine = on(2 * n);
    for_points(coarse, [](double& value, double exact) { value = exact; });
    sample(coarse, fine);
    double worst = 0;
    for_points(fine, [&](double& value, double exact) {
      worst = std::max(worst, std::abs(value - exact));
    });
    EXPECT_LT(worst, 9.0 / 16 / 24 * std::pow(2 * std::numbers::pi / n, 4)) << n;
    EXPECT_GT(worst, 0);
  }
}

TEST(GridSampling, FindsTheErrorOfAState) {
  auto fine = between_walls<double>(48), coarse = between_walls<double>(24);
  scale_pressure(coarse, 1.01);
  const auto errors = error_against(fine, coarse);
  EXPECT_NEAR(errors[2], 0.01, 1e-6);
}

}  // namespace understudy
