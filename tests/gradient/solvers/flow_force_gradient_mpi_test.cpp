// The derivative of the forces on bodies: against differences of the forces themselves, and, through an advance,
// against differences of the force at its end.
#include <algorithm>

#include "solvers/diagnostic_gradient.hpp"
#include "support/solvers_flow_adjoint.hpp"

namespace {

using namespace flow_test;
using solvers::Controls;
using solvers::DiagnosticGradient;

constexpr double plenty_mb = 1000;

DiagnosticGradient<double>& gradient_of(Case<double>& flow) {
  return dynamic_cast<DiagnosticGradient<double>&>(*flow.solver.differentiable());
}

double force(Case<double>& flow, const mesh::State<double>& state, const std::string& name) {
  for (const auto& d : flow.solver.diagnostics(state))
    if (d.name == name) return d.value;
  throw std::out_of_range(name);
}

// A cylinder along z, from side to side.
AdjointCase in_volume(const std::string& across, const std::string& convection) {
  AdjointCase c = body_cases(convection).front();
  c.name = "cylinder in 3-D, " + across;
  set_sides(c.params, {"inflow", "outflow", "slip", "slip", across, across});
  c.params.boundaries.side[0].velocity_m_s = {"1 + 0.1 * y", "0", "0"};
  for (std::size_t side = 2; side < 4; ++side) c.params.boundaries.side[side].velocity_m_s.clear();
  c.params.initial.velocity_m_s = {"1", "0", "0.1"};
  c.params.acceleration_m_s2 = {0.3, -0.1, 0.2};
  c.params.rayleigh_friction_1_s = 0.2;
  c.params.pressure.method = "fft";
  c.box.lower_m.push_back(0);
  c.box.upper_m.push_back(0.8);
  c.box.cells.push_back(8);
  return c;
}

// Bodies away from sides, pushed and with friction.
std::vector<AdjointCase> free_cases() {
  std::vector<AdjointCase> cases;
  for (const std::string convection : {"central", "upwind3"})
    for (AdjointCase c : body_cases(convection)) {
      if (c.name == "on the wall") continue;
      if (c.name == "cylinder") cases.push_back(in_volume("periodic", convection));
      c.params.acceleration_m_s2 = {0.3, -0.1};
      c.params.rayleigh_friction_1_s = 0.2;
      c.params.pressure.method = "fft";
      cases.push_back(c);
    }
  return cases;
}

// The force is a polynomial of second order in the state where the upwind switch stands still, so that the
// difference of two sides is exact but for round-off.
TEST(FlowForceGradient, IsThatOfTheForceItself) {
  for (const AdjointCase& c : free_cases()) {
    Case<double> flow(c.params, c.box);
    flow.solver.advance(flow.state, 4 * flow.solver.stable_dt(flow.state));
    auto& derivative = *flow.solver.differentiable();
    auto direction = derivative.make_adjoint();
    fill_random(direction, 6, 1);
    for (const auto& name : gradient_of(flow).differentiable_diagnostics()) {
      SCOPED_TRACE(c.name + ", " + c.params.convection + ", " + name);
      auto adjoint = derivative.make_adjoint();
      Controls<double> gradient = derivative.make_controls();
      gradient_of(flow).add_gradient(name, flow.state, 2.0, adjoint, gradient);
      const double h = c.params.convection == "upwind3" ? 1e-7 : 1e-2;
      double moved[2];
      for (const int side : {0, 1}) {
        mesh::State<double> state = flow.state.clone();
        add(state, side == 0 ? -h : h, direction);
        moved[side] = force(flow, state, name);
      }
      const double slope = 2.0 * (moved[1] - moved[0]) / (2 * h);
      const double size = std::sqrt(dot(adjoint, adjoint)) * std::sqrt(dot(direction, direction));
      EXPECT_GT(size, 0);
      EXPECT_NEAR(dot(adjoint, direction), slope,
                  (c.params.convection == "upwind3" ? 1e-6 : 1e-11) * size);
    }
  }
}

// Viscosity, uniform force, force at a face: the force is linear in them.
TEST(FlowForceGradient, KnowsWhatTheForceDependsOnBesideTheState) {
  for (const AdjointCase& c : free_cases()) {
    Case<double> flow(c.params, c.box);
    flow.solver.advance(flow.state, 4 * flow.solver.stable_dt(flow.state));
    const std::string name = "flow.drag_coefficient";
    auto adjoint = flow.solver.differentiable()->make_adjoint();
    Controls<double> gradient = flow.solver.differentiable()->make_controls({"force"});
    gradient_of(flow).add_gradient(name, flow.state, 1.0, adjoint, gradient);
    const auto other = [&](const std::function<void(FlowParams&)>& change) {
      AdjointCase changed = c;
      change(changed.params);
      Case<double> same(changed.params, c.box);
      return force(same, flow.state, name) - force(flow, flow.state, name);
    };
    SCOPED_TRACE(c.name + ", " + c.params.convection);
    const double by_viscosity = other([](FlowParams& p) { p.viscosity_m2_s += 0.01; });
    EXPECT_NEAR(0.01 * gradient.numbers.at("viscosity")[0], by_viscosity,
                1e-9 * (1 + std::abs(by_viscosity)));
    const double by_push = other([](FlowParams& p) { p.acceleration_m_s2[0] += 0.5; });
    EXPECT_GT(std::abs(by_push), 0);
    EXPECT_NEAR(0.5 * gradient.numbers.at("acceleration")[0], by_push, 1e-10);
    // A uniform force field is a uniform acceleration.
    double sum = 0;
    each_point<double>(*flow.grid, mesh::Location::cell, gradient.fields.at("force"),
                       [&](double& value, std::uint64_t) { sum += value; });
    sum = flow.grid->comm().sum(sum);
    EXPECT_NEAR(sum, gradient.numbers.at("acceleration")[0], 1e-10);
  }
}

// The force at the end of an advance, by the factor on the inflow at its beginning.
TEST(FlowForceGradient, GoesThroughAnAdvance) {
  AdjointCase c = body_cases("central").front();
  c.params.max_dt_s = 0.004;
  c.params.pressure.method = "fft";
  const std::string name = "flow.drag_coefficient";
  constexpr double window_s = 0.08;
  const auto drag = [&](double factor) {
    AdjointCase scaled = c;
    for (auto& side : scaled.params.boundaries.side)
      if (side.kind == "inflow")
        for (auto& formula : side.velocity_m_s)
          formula = "(" + formula + ") * " + std::to_string(factor);
    Case<double> own(c.params, c.box), flow(scaled.params, c.box);
    flow.solver.advance(own.state, window_s);
    return force(flow, own.state, name);
  };
  Case<double> flow(c.params, c.box);
  auto& derivative = *flow.solver.differentiable();
  const auto tape = derivative.make_tape(plenty_mb);
  derivative.advance_recorded(flow.state, window_s, *tape);
  auto adjoint = derivative.make_adjoint();
  Controls<double> gradient = derivative.make_controls();
  gradient_of(flow).add_gradient(name, flow.state, 1.0, adjoint, gradient);
  derivative.advance_adjoint(*tape, adjoint, gradient);
  double slope = 0;
  for (const double one : gradient.numbers.at("boundary_scale")) slope += one;
  const double h = 1e-4, difference = (drag(1 + h) - drag(1 - h)) / (2 * h);
  EXPECT_NEAR(slope, difference, 1e-5 * std::abs(difference));
}

TEST(FlowForceGradient, SaysWhatHasNone) {
  AdjointCase c = body_cases("central").front();
  Case<double> flow(c.params, c.box);
  auto adjoint = flow.solver.differentiable()->make_adjoint();
  auto gradient = flow.solver.differentiable()->make_controls();
  const auto error = [&](Case<double>& of, const std::string& name) {
    return user_error([&] { gradient_of(of).add_gradient(name, of.state, 1, adjoint, gradient); });
  };
  EXPECT_NE(error(flow, "flow.enstrophy").find("there are flow.drag_coefficient"),
            std::string::npos);
  for (AdjointCase wall : body_cases("central")) {
    if (wall.name != "on the wall") continue;
    Case<double> near(wall.params, wall.box);
    EXPECT_NE(error(near, "flow.drag_coefficient").find("within three cells of a side"),
              std::string::npos);
  }
  const AdjointCase between = in_volume("slip", "central");
  Case<double> spanning(between.params, between.box);
  auto of_volume = spanning.solver.differentiable()->make_adjoint();
  auto by_volume = spanning.solver.differentiable()->make_controls();
  EXPECT_NE(user_error([&] {
              gradient_of(spanning).add_gradient("flow.drag_coefficient", spanning.state, 1,
                                                 of_volume, by_volume);
            }).find("that is not periodic"),
            std::string::npos);
  AdjointCase open = open_cases("central").front();
  Case<double> bare(open.params, open.box);
  EXPECT_NE(error(bare, "flow.drag_coefficient").find("the flow has no bodies"), std::string::npos);
}

}  // namespace
