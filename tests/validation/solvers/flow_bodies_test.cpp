// Immersed bodies against an exact solution and a benchmark, cheap enough for every run:
//   - flow that turns like a rigid body far from a cylinder at rest (Couette flow, Schlichting &
//     Gersten 2017, section 5.2.6): u_theta = W (r - R^2 / r), exact for the steady Navier-Stokes
//     equations. Its values are given on the sides of the box; errors and orders are printed;
//   - DFG benchmark 2D-1 (Schaefer & Turek 1996; values of John 2004): steady flow around a cylinder
//     in a channel at Reynolds 20, drag coefficient 5.57954, lift coefficient 0.010619.
#include <cstdio>

#include "mesh/loops.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double R = 0.5;

FlowParams couette(int forcing_iterations) {
  FlowParams params;
  params.viscosity_m2_s = 0.1;
  params.forcing_iterations = forcing_iterations;
  const std::vector<std::string> exact{"-y * (1 - 0.25 / (x^2 + y^2))",
                                       "x * (1 - 0.25 / (x^2 + y^2))"};
  for (int side = 0; side < 4; ++side) {
    params.boundaries.side[side].kind = "wall";
    params.boundaries.side[side].velocity_m_s = exact;
  }
  params.initial.velocity_m_s = exact;
  params.bodies = {mesh::BodyParams{}};
  params.bodies[0].diameter_m = 2 * R;
  return params;
}

double couette_error(int cells, int forcing_iterations) {
  Case<double> c(couette(forcing_iterations), {{-1, -1}, {1, 1}, {cells, cells}, {}});
  c.solver.advance(c.state, 1);
  const double u = rms_error<double>(c.state, "u", [](double x, double y, double) {
    const double r2 = x * x + y * y;
    return r2 > R * R ? -y * (1 - R * R / r2) : 0;
  });
  const double v = rms_error<double>(c.state, "v", [](double x, double y, double) {
    const double r2 = x * x + y * y;
    return r2 > R * R ? x * (1 - R * R / r2) : 0;
  });
  EXPECT_NEAR(c.diagnostic("drag_coefficient"), 0, 1e-3);
  EXPECT_NEAR(c.diagnostic("lift_coefficient"), 0, 1e-3);
  return std::sqrt(u * u + v * v);
}

// Over all cells: the buried ones hold zero.
double mean_pressure(const Case<double>& c) {
  const mesh::Array3<double> p = c.state["p"].component();
  return mesh::sum_cells(
             "sum p", c.grid->interior(),
             KOKKOS_LAMBDA(int k, int j, int i) { return p(k, j, i); }) /
         static_cast<double>(c.grid->global_cell_count());
}

// What the projection leaves in a body must not move the pressure around it.
TEST(Bodies, ThePressureOfTheFluidKeepsItsLevel) {
  for (const std::string& method : mesh::linear_solver_methods()) {
    if (method == "petsc") continue;
    FlowParams params;
    params.reynolds = 100;
    params.pressure.method = method;
    params.pressure.tolerance = 1e-8;
    set_sides(params, {"inflow", "outflow", "slip", "slip"});
    params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
    params.initial.velocity_m_s = {"1", "0.2 * exp(-x^2 - y^2)"};
    params.bodies = {mesh::BodyParams{}};
    Case<double> c(params, {{-2, -2}, {6, 2}, {64, 32}, {}});
    EXPECT_NEAR(mean_pressure(c), 0, 1e-8) << method;
    c.solver.advance(c.state, 20);
    EXPECT_GT(c.state.step, 100);
    EXPECT_NEAR(mean_pressure(c), 0, 1e-8) << method << " after " << c.state.step << " steps";
  }
}

TEST(Bodies, CouetteFlowConverges) {
  for (const int iterations : {1, 3}) {
    std::printf("cylinder in turning flow, forcing_iterations %d\n%8s %12s %7s\n", iterations,
                "cells", "error u", "order");
    double last = 0;
    for (const int cells : {24, 48, 96}) {
      const double error = couette_error(cells, iterations);
      const double order = std::log2(last / error);
      std::printf("%8d %12.4e %7.2f\n", cells, error, last > 0 ? order : 0);
      if (last > 0) {
        EXPECT_GE(order, 1.9) << cells;
      }
      last = error;
    }
    EXPECT_LE(last, 5e-5);
  }
}

// Coefficients by the mean inflow 0.2 m/s and the diameter.
std::array<double, 2> dfg_2d1(int cells_x, int cells_y, int forcing_iterations) {
  FlowParams params;
  params.viscosity_m2_s = 1e-3;
  params.reference_length_m = 0.1;
  params.reference_speed_m_s = 0.2;
  params.forcing_iterations = forcing_iterations;
  set_sides(params, {"inflow", "outflow", "wall", "wall"});
  params.boundaries.side[mesh::x_lower].profile = "parabolic";
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"0.3", "0"};
  params.initial.velocity_m_s = {"0.3 * 4 * y * (0.41 - y) / 0.41^2", "0"};
  mesh::BodyParams body;
  body.center_m = {0.2, 0.2};
  body.diameter_m = 0.1;
  params.bodies = {body};
  Case<double> c(params, {{0, 0}, {2.2, 0.41}, {cells_x, cells_y}, {}});
  c.solver.advance(c.state, 8);
  const double drag = c.diagnostic("drag_coefficient"), lift = c.diagnostic("lift_coefficient");
  std::printf("DFG 2D-1, %d x %d, forcing_iterations %d: drag %.4f, lift %.5f\n", cells_x, cells_y,
              forcing_iterations, drag, lift);
  return {drag, lift};
}

// The lift is a small difference of large forces: its error is measured by the drag.
TEST(Bodies, Dfg2D1) {
  constexpr double drag_published = 5.57953523384, lift_published = 0.010618948146;
  for (const int iterations : {1, 2}) {
    const auto [drag, lift] = dfg_2d1(352, 66, iterations);
    EXPECT_NEAR(drag, drag_published, 0.015 * drag_published);
    EXPECT_NEAR(lift, lift_published, 0.01 * drag_published);
  }
  const auto [drag, lift] = dfg_2d1(528, 98, 1);
  EXPECT_NEAR(drag, drag_published, 0.007 * drag_published);
  EXPECT_NEAR(lift, lift_published, 0.01 * drag_published);
}

// Two cylinders side by side: forces of each, their sum, and that they push each other apart.
TEST(Bodies, ForcesOfEach) {
  FlowParams params;
  params.reynolds = 40;
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.initial.velocity_m_s = {"1", "0"};
  params.bodies = {mesh::BodyParams{}, mesh::BodyParams{}};
  params.bodies[0].center_m = {0, -1};
  params.bodies[1].center_m = {0, 1};
  Case<double> c(params, {{-3, -4}, {6, 4}, {108, 96}, {}});
  c.solver.advance(c.state, 6);
  for (const std::string name : {"drag_coefficient", "lift_coefficient"})
    EXPECT_NEAR(c.diagnostic(name), c.diagnostic("body1." + name) + c.diagnostic("body2." + name),
                1e-10);
  EXPECT_NEAR(c.diagnostic("body1.drag_coefficient"), c.diagnostic("body2.drag_coefficient"), 1e-6);
  EXPECT_GT(c.diagnostic("body2.lift_coefficient"), 0.05);
  EXPECT_NEAR(c.diagnostic("lift_coefficient"), 0, 1e-6);
  EXPECT_LT(c.diagnostic("divergence_norm"), 1e-10);
}

}  // namespace
