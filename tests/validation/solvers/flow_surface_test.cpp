// Forces by part on immersed bodies, from the loads on their surfaces:
//   - a cylinder at rest in flow that turns about it (flow_bodies_test.cpp): friction 2 mu W (per area, W the
//     turning far off) and the moment 4 pi mu W R^2 per length, the pressure alike all around; exact;
//   - a cylinder in a periodic flow that g drives: pressure and friction together are rho g V;
//   - DFG benchmark 2D-1 (Schaefer & Turek 1996): against the force by the momentum balance.
#include <cstdio>
#include <numbers>

#include "solvers/flow/flow_surface.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

double diagnostic(Case<double>& c, const std::string& name) {
  auto list = c.solver.diagnostics(c.state);
  for (const auto& more : c.solver.more_diagnostics(c.state)) list.push_back(more);
  for (const auto& d : list)
    if (d.name == "flow." + name) return d.value;
  throw std::out_of_range("no diagnostic flow." + name);
}

constexpr double R = 0.5, mu = 0.1;

FlowParams couette() {
  FlowParams params;
  params.viscosity_m2_s = mu;
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

struct Turning {
  double moment, friction, pressure;  // errors relative to the exact ones
};

Turning couette_errors(int cells) {
  Case<double> c(couette(), {{-1, -1}, {1, 1}, {cells, cells}, {}});
  c.solver.advance(c.state, 1);
  // coefficients are over rho U^2 L^2 / 2 with U = L = 1
  const double exact = 4 * std::numbers::pi * mu * R * R;
  Turning errors{};
  errors.moment = 0.5 * diagnostic(c, "moment_coefficient") / exact - 1;
  const solvers::flow::Bodies bodies(couette().bodies, c.grid, ".");
  const solvers::flow::SurfaceLoads<double> surface(bodies, c.grid);
  const auto loads = surface.at(c.state, solvers::surface_medium(couette()));
  double mean = 0, length = 0, squares = 0;
  for (std::size_t n = 0; n < loads.size(); ++n) {
    const auto& piece = surface.pieces()[n];
    const auto& t = loads[n].friction;
    errors.friction = std::max(
        errors.friction, std::abs(std::hypot(t[0], t[1]) / (2 * mu) - 1) * (piece.area > 1e-6));
    mean += loads[n].pressure * piece.area;
    length += piece.area;
  }
  for (std::size_t n = 0; n < loads.size(); ++n)
    squares += std::pow(loads[n].pressure - mean / length, 2) * surface.pieces()[n].area;
  errors.pressure = std::sqrt(squares / length);
  EXPECT_NEAR(length, 2 * std::numbers::pi * R, 0.01 * R);
  for (const char* none : {"drag_pressure_coefficient", "drag_friction_coefficient",
                           "lift_pressure_coefficient", "lift_friction_coefficient"})
    EXPECT_NEAR(diagnostic(c, none), 0, 1e-3) << none;
  return errors;
}

TEST(Surface, TurningFlowExertsTheExactMoment) {
  const std::vector<int> cells{24, 48, 96};
  std::vector<Turning> errors;
  for (const int n : cells) {
    errors.push_back(couette_errors(n));
    std::printf("%3d^2: moment %+.2e, largest friction error %.2e, scatter of pressure %.2e Pa\n",
                n, errors.back().moment, errors.back().friction, errors.back().pressure);
  }
  EXPECT_LT(std::abs(errors[2].moment), 6e-3);
  EXPECT_GT(std::log2(std::abs(errors[0].moment / errors[2].moment)) / 2, 1.5);
  EXPECT_GT(std::log2(errors[0].friction / errors[2].friction) / 2, 1.2);
  // The forcing leaves the pressure beside a body uneven from cell to cell, at any grid: some 0.3% of rho U^2.
  for (const Turning& error : errors) EXPECT_LT(error.pressure, 5e-3);
  EXPECT_LT(errors[2].pressure, errors[0].pressure);
}

TEST(Surface, PartsAddUpToTheForceInADrivenFlow) {
  std::vector<double> off;
  for (const int cells : {12, 24, 48}) {
    FlowParams params;
    params.viscosity_m2_s = 0.05;
    params.acceleration_m_s2 = {0.1, 0};
    set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
    params.bodies = {mesh::BodyParams{}};
    params.bodies[0].center_m = {1.03, 0.98};
    Case<double> c(params, {{0, 0}, {2, 2}, {cells, cells}, {}});
    c.solver.advance(c.state, 60);
    const double total = diagnostic(c, "drag_coefficient"),
                 pressure = diagnostic(c, "drag_pressure_coefficient"),
                 friction = diagnostic(c, "drag_friction_coefficient");
    off.push_back(std::abs((pressure + friction) / total - 1));
    std::printf("%2d cells a diameter: total %.5f, pressure %.5f + friction %.5f, off by %.2f%%\n",
                cells / 2, total, pressure, friction, 100 * off.back());
  }
  EXPECT_LT(off[2], 0.01);
  EXPECT_GT(std::log2(off[0] / off[2]) / 2, 1.7);
}

// The same push as an acceleration, by formula and as the buoyancy of a uniform scalar.
TEST(Surface, PartsDoNotDependOnHowThePushIsGiven) {
  FlowParams params;
  params.viscosity_m2_s = 0.05;
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  params.bodies = {mesh::BodyParams{}};
  params.bodies[0].center_m = {1.03, 0.98};
  params.surface.moment_point_m = {0.5, 0.4};
  params.max_dt_s = 5e-3;
  solve_exactly(params);
  const auto parts = [](const FlowParams& pushed) {
    Case<double> c(pushed, {{0, 0}, {2, 2}, {24, 24}, {}});
    c.solver.advance(c.state, 0.25);
    std::vector<double> values;
    for (const char* name :
         {"drag_coefficient", "drag_pressure_coefficient", "drag_friction_coefficient",
          "lift_pressure_coefficient", "moment_coefficient"})
      values.push_back(diagnostic(c, name));
    return values;
  };
  FlowParams accelerated = params, forced = params, floating = params;
  accelerated.acceleration_m_s2 = {0.1, 0.03};
  forced.force_m_s2 = {"0.1", "0.03"};
  floating.scalar.enabled = true;
  floating.scalar.buoyancy_m_s2 = {0.1, 0.03};
  floating.scalar.buoyancy_from = -1;
  const auto expected = parts(accelerated), by_formula = parts(forced), by_scalar = parts(floating);
  ASSERT_GT(expected[1], 0.01);
  for (std::size_t n = 0; n < expected.size(); ++n) {
    EXPECT_NEAR(by_formula[n], expected[n], 1e-8 * expected[0]) << n;
    EXPECT_NEAR(by_scalar[n], expected[n], 1e-8 * expected[0]) << n;
  }
}

TEST(Surface, PartsAddUpToTheForceOnTheDfgCylinder) {
  for (const int height : {66, 99}) {
    FlowParams params;
    params.viscosity_m2_s = 1e-3;
    params.reference_speed_m_s = 0.2;
    params.reference_length_m = 0.1;
    set_sides(params, {"inflow", "outflow", "wall", "wall"});
    params.boundaries.side[mesh::x_lower].profile = "parabolic";
    params.boundaries.side[mesh::x_lower].velocity_m_s = {"0.3", "0"};
    params.initial.velocity_m_s = {"1.2 * y * (0.41 - y) / 0.41^2", "0"};
    params.bodies = {mesh::BodyParams{}};
    params.bodies[0].center_m = {0.2, 0.2};
    params.bodies[0].diameter_m = 0.1;
    Case<double> c(params, {{0, 0}, {1.2427, 0.41}, {3 * height, height}, {}});
    c.solver.advance(c.state, 8);
    const double total = diagnostic(c, "drag_coefficient"),
                 pressure = diagnostic(c, "drag_pressure_coefficient"),
                 friction = diagnostic(c, "drag_friction_coefficient");
    std::printf("%2d cells a diameter: drag %.4f, pressure %.4f + friction %.4f, off by %+.2f%%\n",
                int(height * 0.1 / 0.41), total, pressure, friction,
                100 * ((pressure + friction) / total - 1));
    EXPECT_NEAR(pressure + friction, total, (height == 66 ? 0.02 : 0.01) * total);
  }
}

}  // namespace
