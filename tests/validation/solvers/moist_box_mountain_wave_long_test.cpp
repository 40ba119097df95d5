// Mountain waves at full length and resolution against the linear solution: the decks mountain_wave.yaml and
// schaer.yaml, the latter's hills of 25 m (linear) and 250 m (Schaer et al. 2002).
#include "support/solvers_mountain_case.hpp"

namespace {

using namespace moist_test;

TEST(MountainWaveLong, Hydrostatic) {
  const auto result =
      run_mountain(hydrostatic_wave(), {{-120e3, 0}, {120e3, 30e3}, {200, 125}, {}}, 36000);
  EXPECT_LT(result.w_error, 0.07);
  EXPECT_GT(result.least_flux, 0.9);
  EXPECT_LT(result.most_flux, 1.02);
}

TEST(MountainWaveLong, HydrostaticOfSecondOrder) {
  const auto coarse =
      run_mountain(hydrostatic_wave(), {{-120e3, 0}, {120e3, 30e3}, {120, 100}, {}}, 57600);
  const auto finer =
      run_mountain(hydrostatic_wave(), {{-120e3, 0}, {120e3, 30e3}, {240, 200}, {}}, 57600);
  EXPECT_GT(std::log2(coarse.w_error / finer.w_error), 1.75);
}

const mesh::GridParams fine{{-50e3, 0}, {50e3, 21e3}, {400, 100}, {}};

TEST(MountainWaveLong, SchaersHillsInTheSmall) {
  const auto result = run_mountain(schaer_wave(25), fine, 36000);
  EXPECT_LT(result.w_error, 0.07);
  EXPECT_LT(result.u_error, 0.09);
  EXPECT_GT(result.least_flux, 0.95);
  EXPECT_LT(result.most_flux, 1.02);
}

// N h/U = 0.25: waves of finite height carry more momentum than the linear ones.
TEST(MountainWaveLong, SchaersHills) {
  MountainCase c = schaer_wave(250);
  const auto linear = run_mountain(c, fine, 36000);
  EXPECT_LT(linear.w_error, 0.17);
  EXPECT_GT(linear.least_flux, 0.95);
  EXPECT_LT(linear.most_flux, 1.2);
  c.params.terrain.decay_m = 3000;
  const auto decaying = run_mountain(c, fine, 36000);
  EXPECT_NEAR(decaying.drag, linear.drag, 0.05);
}

}  // namespace
