// Galewsky's jet without viscosity (Scott, Harris, Polvani 2016): potential vorticity is carried with the fluid, so
// that its largest value is known at all times. How near a grid stays to it says how well the flow is resolved.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "support/solvers_shallow_water.hpp"

using namespace understudy;
using namespace understudy::tests;

namespace {

constexpr double radius_m = 6.37122e6;

// Largest (vorticity + f) / depth of the start, /(m s), from the case's own wind and depth on the meridian that is
// farthest from the perturbation: that only raises the depth, where it is, and leaves the wind alone.
double largest_at_start(const solvers::ShallowWaterParams& params) {
  const auto jet = solvers::make_shallow_water_case(params, radius_m);
  const double pi = std::numbers::pi;
  const auto at = [&](double latitude) { return mesh::direction_of({pi, latitude}); };
  // On this meridian east is -y.
  const auto momentum = [&](double latitude) {
    return -jet->velocity(at(latitude), 0)[1] * std::cos(latitude);
  };
  double largest = 0;
  constexpr double step = 1e-5;  // radians; a jet's width is 0.67
  for (double latitude = pi / 7; latitude < pi / 2 - pi / 7; latitude += 2e-5) {
    const double vorticity = -(momentum(latitude + step) - momentum(latitude - step)) /
                             (2 * step * radius_m * std::cos(latitude));
    const double f = 2 * params.rotation_1_s * std::sin(latitude);
    largest = std::max(largest, (vorticity + f) / jet->depth(at(latitude), 0));
  }
  return largest;
}

struct TwoDays {
  double start, miss, energy, mass;  ///< relative: how far from the exact supremum, and drifts
};

TwoDays two_days(int cells, double exact) {
  ShallowWaterRun<double> run(shallow_water("galewsky"), cells);
  const double energy = run.diagnostic("energy"), mass = run.diagnostic("mass");
  const double start = run.diagnostic("potential_vorticity_most") / exact - 1;
  run.solver.advance(run.state, 2 * day_s);
  const TwoDays r{std::abs(start), std::abs(run.diagnostic("potential_vorticity_most") / exact - 1),
                  std::abs(run.diagnostic("energy") / energy - 1),
                  std::abs(run.diagnostic("mass") / mass - 1)};
  std::printf(
      "%d cells: largest potential vorticity misses the exact one by %.2e at the start, %.2e after "
      "two days; energy drifts by %.2e\n",
      cells, r.start, r.miss, r.energy);
  return r;
}

}  // namespace

// By the closed form of the jet, maximised over latitudes apart from this program: 2.4291476e-8, at 49.96 N.
TEST(ShallowWaterInviscid, TheExactSupremumIsThatOfTheClosedForm) {
  EXPECT_NEAR(largest_at_start(shallow_water("galewsky")) / 2.4291476e-8, 1, 1e-6);
}

// Before the fronts are thinner than the cells (day 4): a scheme that does not see the front, or smears or
// overshoots it, misses by percents on either grid.
TEST(ShallowWaterInviscid, TheSupremumOfPotentialVorticityConverges) {
  const double exact = largest_at_start(shallow_water("galewsky"));
  const TwoDays coarse = two_days(30, exact), fine = two_days(60, exact);
  EXPECT_LT(fine.start, 1e-4);
  EXPECT_LT(fine.miss, 5e-3);
  EXPECT_LT(fine.miss, coarse.miss / 4);  // of second order at least
  EXPECT_LT(fine.energy, coarse.energy / 8);
  EXPECT_LT(fine.energy, 1e-5);
  EXPECT_LT(std::max(fine.mass, coarse.mass), 2e-14);
}
