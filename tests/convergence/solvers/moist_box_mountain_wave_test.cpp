// Mountain waves against the linear solution on two grids, shortened (the full ones:
// validation/moist_box_mountain_wave_long). The hydrostatic flux of momentum over a bell is pi/4 rho N U h^2 (Smith
// 1979; Durran & Klemp 1983).
#include "support/solvers_mountain_case.hpp"

namespace {

using namespace moist_test;

mesh::GridParams box(double half_m, double top_m, double dx_m, double dz_m) {
  return {{-half_m, 0},
          {half_m, top_m},
          {std::llround(2 * half_m / dx_m), std::llround(top_m / dz_m)},
          {}};
}

TEST(LinearMountainWave, HasTheHydrostaticFlux) {
  const MountainCase c = hydrostatic_wave();
  const AirOfWave air = air_of_wave(c.params, 0);
  const LinearMountainWave linear(c.params, c.hill_m, c.linear);
  const double hydrostatic = std::numbers::pi / 4 * air.rho * std::sqrt(air.n2) * c.wind_m_s;
  EXPECT_NEAR(linear.momentum_flux(), -hydrostatic, 0.01 * hydrostatic);
  // w on the ground is the slope's.
  for (const double x : {-12e3, 0.0, 3e3}) {
    const double slope = (c.hill_m(x + 1) - c.hill_m(x - 1)) / 2;
    EXPECT_NEAR(linear(x, 0)[1], c.wind_m_s * slope, 1e-3 * c.wind_m_s * c.height_m / 10e3);
  }
}

// Orders measured with 4000, 2000 and 1000 m: 1.77, 1.88.
TEST(MountainWave, HydrostaticOfSecondOrder) {
  const MountainCase c = hydrostatic_wave();
  const auto coarse = run_mountain(c, box(120e3, 30e3, 4000, 600), 57600);
  const auto fine = run_mountain(c, box(120e3, 30e3, 2000, 300), 57600);
  EXPECT_GT(std::log2(coarse.w_error / fine.w_error), 1.6);
  EXPECT_LT(fine.w_error, 0.12);
  EXPECT_LT(fine.u_error, 0.12);
  EXPECT_GT(fine.least_flux, 0.94);
  EXPECT_LT(fine.most_flux, 1.02);
  EXPECT_NEAR(fine.drag, 1, 0.05);
  EXPECT_NEAR(fine.mass_drift, 0, 1e-13);
}

TEST(MountainWave, SchaersHills) {
  const auto c = schaer_wave(25);
  const auto result = run_mountain(c, box(40e3, 18e3, 500, 300), 14400);
  EXPECT_LT(result.w_error, 0.2);
  EXPECT_NEAR(result.drag, 1, 0.05);
  EXPECT_GT(result.least_flux, 0.85);
  EXPECT_LT(result.most_flux, 1.03);
}

}  // namespace
