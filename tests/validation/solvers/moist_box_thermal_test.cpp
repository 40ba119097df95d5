// The thermals of Bryan & Fritsch 2002, 100 m, 1000 s: right half, the left side mirrors.
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

const mesh::GridParams right_half{{0, 0}, {10000, 10000}, {100, 100}, {}};

TEST(Thermal, Dry) {
  MoistBoxParams params = bryan_fritsch(false);
  params.sides[0] = "wall";
  Case<double> c(params, right_half);
  c.solver.advance(c.state, 1000);
  // Their table 1: largest theta' 2.07783 K, w 14.5396 and least -8.58069 m/s.
  EXPECT_NEAR(c.diagnostic("theta_max_k"), 2.078, 0.01 * 2.078);
  EXPECT_NEAR(c.diagnostic("w_max_m_s"), 14.54, 0.01 * 14.54);
}

TEST(Thermal, Moist) {
  MoistBoxParams params = bryan_fritsch(true);
  params.sides[0] = "wall";
  Case<double> c(params, right_half);
  const double mass = c.diagnostic("mass"), water = c.diagnostic("water");
  c.solver.advance(c.state, 800);
  EXPECT_NEAR(c.diagnostic("w_max_m_s"), 15.95, 0.05 * 15.95);  // CM1 r21.1, reversible
  c.solver.advance(c.state, 200);
  // Their table 2: w 15.71; CM1 r21.1: 15.91 and -10.01 m/s.
  EXPECT_NEAR(c.diagnostic("w_max_m_s"), 15.71, 0.03 * 15.71);
  EXPECT_NEAR(c.diagnostic("w_min_m_s"), -10.01, 0.05 * 10.01);
  EXPECT_NEAR(c.diagnostic("mass"), mass, 1e-12 * mass);
  EXPECT_NEAR(c.diagnostic("water"), water, 1e-12 * water);
}

// With the heat capacities of dry air alone the same air is stable: the thermal is held back.
TEST(Thermal, HeatCapacitiesMatter) {
  MoistBoxParams params = bryan_fritsch(true);
  params.sides[0] = "wall";
  params.heat_capacities = "dry";
  Case<double> c(params, {{0, 0}, {10000, 10000}, {50, 50}, {}});
  c.solver.advance(c.state, 1000);
  EXPECT_LT(c.diagnostic("w_max_m_s"), 13);
}

}  // namespace
