// Unconfined cylinder at Re 100: domain 40 D x 32 D (12 D upstream, 28 D downstream; blockage
// 1/32), slip sides, 24 cells per diameter. Literature (Williamson 1996; Park, Kwon & Choi 1998;
// and others): St 0.160-0.170, mean drag 1.30-1.42, lift amplitude 0.30-0.36.
#include "support/solvers_flow_shedding.hpp"

namespace {

using namespace flow_test;

TEST(Cylinder, Reynolds100Unconfined) {
  FlowParams params;
  params.reynolds = 100;
  params.cfl = 0.6;
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.initial.velocity_m_s = {"1", "0.5 * exp(-((x - 1.5)^2 + y^2))"};
  params.bodies = {mesh::BodyParams{}};
  Case<double> c(params, {{-12, -16}, {28, 16}, {960, 768}, {}});
  const Shedding s = run_shedding(c, 140, 90, 0.1, 1, 1);
  print_shedding("cylinder Re 100, 960 x 768", s);
  EXPECT_GE(s.strouhal, 0.160);
  EXPECT_LE(s.strouhal, 0.170);
  EXPECT_GE(s.drag_mean, 1.30);
  EXPECT_LE(s.drag_mean, 1.42);
  EXPECT_GE(s.lift_amplitude, 0.30);
  EXPECT_LE(s.lift_amplitude, 0.36);
}

}  // namespace
