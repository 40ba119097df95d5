// DFG benchmark 2D-2 (Schaefer & Turek 1996): cylinder in a channel, Re 100. Grid: 1408 x 264 (64 x
// 64.4 cells per diameter). Reference intervals, met within 3%: St 0.2950-0.3050, largest drag
// coefficient 3.22-3.24, largest lift coefficient 0.99-1.01.
#include "support/solvers_flow_shedding.hpp"

namespace {

using namespace flow_test;

TEST(Dfg2D2, ForcesAndStrouhalNumber) {
  FlowParams params;
  params.viscosity_m2_s = 1e-3;
  params.reference_length_m = 0.1;
  params.reference_speed_m_s = 1;  // the mean inflow
  params.cfl = 0.6;
  set_sides(params, {"inflow", "outflow", "wall", "wall"});
  params.boundaries.side[mesh::x_lower].profile = "parabolic";
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1.5", "0"};
  params.initial.velocity_m_s = {"1.5 * 4 * y * (0.41 - y) / 0.41^2",
                                 "0.3 * exp(-((x - 0.35)^2 + (y - 0.2)^2) / 0.01)"};
  mesh::BodyParams body;
  body.center_m = {0.2, 0.2};
  body.diameter_m = 0.1;
  params.bodies = {body};
  Case<double> c(params, {{0, 0}, {2.2, 0.41}, {1408, 264}, {}});
  const Shedding s = run_shedding(c, 6, 4, 0.005, 0.1, 1);
  print_shedding("DFG 2D-2, 1408 x 264", s);
  EXPECT_GE(s.strouhal, 0.97 * 0.2950);
  EXPECT_LE(s.strouhal, 1.03 * 0.3050);
  EXPECT_GE(s.drag_max, 0.97 * 3.22);
  EXPECT_LE(s.drag_max, 1.03 * 3.24);
  EXPECT_GE(s.lift_max, 0.97 * 0.99);
  EXPECT_LE(s.lift_max, 1.03 * 1.01);
}

}  // namespace
