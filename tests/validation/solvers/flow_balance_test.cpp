// The balance of the box: what the sides give, bodies take and the fluid loses adds up.
#include <cstdio>

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

FlowParams channel() {
  FlowParams params;
  params.balance = true;
  params.viscosity_m2_s = 0.05;
  set_sides(params, {"inflow", "outflow", "wall", "wall"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"4 * y * (1 - y)", "0"};
  params.initial.velocity_m_s = {"4 * y * (1 - y)", "0"};
  return params;
}

// Once the flow is steady no momentum is gained: to what is left of the way there.
TEST(Balance, MomentumOfASteadyFlowCloses) {
  FlowParams params = channel();
  params.bodies = {mesh::BodyParams{}};
  params.bodies[0].center_m = {1.2, 0.45};
  params.bodies[0].diameter_m = 0.4;
  for (const bool upwind : {false, true}) {
    params.convection = upwind ? "upwind3" : "central";
    Case<double> c(params, {{0, 0}, {3, 1}, {96, 32}, {}});
    c.solver.advance(c.state, 40);
    const double force = 0.5 * diagnostic(c, "drag_coefficient");
    std::printf(
        "x: convected %+.6f, pressure %+.6f, viscous %+.6f, on the body %+.6f, rate %+.1e\n",
        diagnostic(c, "momentum_convected_x"), diagnostic(c, "momentum_pressure_x"),
        diagnostic(c, "momentum_viscous_x"), force, diagnostic(c, "momentum_rate_x"));
    EXPECT_GT(force, 0.1);
    EXPECT_NEAR(diagnostic(c, "momentum_rate_x"), 0, 1e-7 * force);
    EXPECT_NEAR(diagnostic(c, "momentum_rate_y"), 0, 1e-7 * force);
  }
}

// And what is pushed in is dissipated, to second order.
TEST(Balance, MomentumOfADrivenChannelCloses) {
  FlowParams params;
  params.balance = true;
  params.viscosity_m2_s = 0.05;
  params.acceleration_m_s2 = {0.3, 0, 0.1};
  set_sides(params, {"periodic", "periodic", "wall", "wall", "periodic", "periodic"});
  std::vector<double> gap;
  for (const int cells : {12, 24}) {
    Case<double> c(params, {{0, 0, 0}, {1, 1, 1}, {8, cells, 8}, {}});
    // From rest: the whole push goes into the fluid.
    EXPECT_NEAR(diagnostic(c, "momentum_rate_x"), 0.3, 1e-12);
    c.solver.advance(c.state, 60);
    EXPECT_NEAR(diagnostic(c, "momentum_viscous_x"), -0.3, 1e-9);
    EXPECT_NEAR(diagnostic(c, "momentum_rate_x"), 0, 1e-9);
    EXPECT_NEAR(diagnostic(c, "momentum_rate_z"), 0, 1e-9);
    gap.push_back(diagnostic(c, "injection") / diagnostic(c, "dissipation") - 1);
  }
  EXPECT_LT(std::abs(gap[1]), 0.01);
  EXPECT_NEAR(gap[0] / gap[1], 4, 0.2);
}

// The rate of change that the balance says is that of the steps about it: `pushed` by an inflow that grows and
// falls (pressure), else by a wall that drags the fluid (friction).
void expect_rate(bool pushed) {
  FlowParams params;
  params.balance = true;
  params.viscosity_m2_s = 0.02;
  params.density_kg_m3 = 3;
  if (pushed) {
    set_sides(params, {"inflow", "outflow", "slip", "wall"});
    params.boundaries.side[mesh::x_lower].velocity_m_s = {"1 + 0.5 * sin(5 * t) - y^2", "0"};
  } else {
    set_sides(params, {"periodic", "periodic", "slip", "wall"});
  }
  params.boundaries.side[mesh::y_upper].velocity_m_s = {pushed ? "0" : "1", "0"};
  params.initial.velocity_m_s = {"1 - y^2 + 0.3 * sin(3 * y)", "0.2 * sin(4 * x)"};
  params.max_dt_s = 1e-5;
  Case<double> c(params, {{0, 0}, {1, 1}, {24, 24}, {}});
  c.solver.advance(c.state, 1e-3);
  const int first_free = pushed ? 1 : 0;
  const auto momentum = [&] {
    double sum = 0;
    const auto u =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["u"].component());
    const mesh::Range3 r = c.grid->interior();
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0] + first_free; i < r.end[0]; ++i) sum += u(0, j, i);
    return 3 * c.grid->cell_volume() * sum;
  };
  const double before = momentum();
  c.solver.advance(c.state, 1e-5);
  const double rate = diagnostic(c, "momentum_rate_x");
  c.solver.advance(c.state, 1e-5);
  const double measured = (momentum() - before) / 2e-5;
  EXPECT_GT(std::abs(rate), 0.1);
  EXPECT_NEAR(measured, rate, 1e-3 * std::abs(rate));
}

TEST(Balance, RateIsThatOfTheMomentum) {
  expect_rate(false);
  expect_rate(true);
}

// Poiseuille's flow: the work of the pressure is what friction takes, int mu (du/dy)^2 dV.
TEST(Balance, EnergyThatComesInIsDissipated) {
  double before = 0;
  for (const int cells : {16, 32, 64}) {
    Case<double> c(channel(), {{0, 0}, {2, 1}, {cells, cells}, {}});
    c.solver.advance(c.state, 5);
    const double in = diagnostic(c, "energy_in"), lost = diagnostic(c, "dissipation"),
                 power = diagnostic(c, "side_power");
    // int mu (du/dy)^2 dV = mu 16/3 U^2 L / H
    const double exact = 0.05 * 16.0 / 3 * 2, gap = (in + power - lost) / exact;
    std::printf("%2d cells: in %.6f, at the sides %+.1e, dissipated %.6f (exact %.6f), gap %+.1e\n",
                cells, in, power, lost, exact, gap);
    EXPECT_NEAR(lost, exact, exact * 4.0 / (cells * cells) * 4);
    if (before != 0) EXPECT_LT(std::abs(gap), 0.3 * before);
    before = std::abs(gap);
  }
  EXPECT_LT(before, 2e-3);
}

// A uniform flow through the box, braked by drag and pushed by a force that grows along it: the pressure does the
// rest. Along either axis, so that each side's faces count.
TEST(Balance, APushThatVariesAndDragCloseInAThroughFlow) {
  for (const int axis : {0, 1}) {
    const double rho = 3, speed = 0.5, lambda = 0.4;
    FlowParams params;
    params.balance = true;
    params.viscosity_m2_s = 0.01;
    params.density_kg_m3 = rho;
    params.rayleigh_friction_1_s = lambda;
    params.acceleration_m_s2 = {0, 0};
    params.acceleration_m_s2[std::size_t(axis)] = 0.2;
    params.force_m_s2 = {"0", "0"};
    params.force_m_s2[std::size_t(axis)] = axis == 0 ? "0.7 * x" : "0.7 * y";
    std::vector<std::string> through{"0", "0"};
    through[std::size_t(axis)] = "0.5";
    for (int side = 0; side < 4; ++side)
      params.boundaries.side[side].kind = mesh::side_axis(side) != axis ? "slip"
                                          : mesh::is_upper(side)        ? "outflow"
                                                                        : "inflow";
    params.boundaries.side[2 * axis].velocity_m_s = through;
    params.initial.velocity_m_s = through;
    solve_exactly(params);
    params.max_dt_s = 0.01;
    Case<double> c(params, {{0, 0}, {2, 1}, {16, 8}, {}});
    c.solver.advance(c.state, 0.1);
    const double length = axis == 0 ? 2 : 1, volume = 2;
    const double in = diagnostic(c, "energy_in"), injected = diagnostic(c, "injection"),
                 dragged = diagnostic(c, "drag_loss");
    EXPECT_NEAR(injected, rho * speed * (0.2 + 0.7 * length / 2) * volume, 1e-8);
    EXPECT_NEAR(dragged, rho * lambda * speed * speed * volume, 1e-8);
    EXPECT_NEAR(diagnostic(c, "dissipation"), 0, 1e-8);
    EXPECT_NEAR(in + injected - dragged, 0, 1e-7);
  }
}

// Buoyancy varies from side to side, too: of a scalar that grows along the flow its faces on both sides count.
TEST(Balance, BuoyancyInAThroughFlow) {
  FlowParams params;
  params.balance = true;
  params.viscosity_m2_s = 0.01;
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"0.5", "0"};
  params.boundaries.side[mesh::x_lower].scalar = "1";
  params.boundaries.side[mesh::x_upper].scalar = "5";
  params.initial.velocity_m_s = {"0.5", "0"};
  params.initial.scalar = "1 + 2 * x";
  params.scalar.enabled = true;
  params.scalar.buoyancy_m_s2 = {0.3, 0};
  params.scalar.buoyancy_from = 1;
  Case<double> c(params, {{0, 0}, {2, 1}, {16, 8}, {}});
  // int 0.3 (2 x) 0.5 dV
  EXPECT_NEAR(diagnostic(c, "injection"), 0.3 * 2 * 2 * 0.5, 1e-8);
}

TEST(Balance, ALidsWorkIsDissipated) {
  FlowParams params;
  params.balance = true;
  params.reynolds = 100;
  set_sides(params, {"wall", "wall", "wall", "wall"});
  params.boundaries.side[mesh::y_upper].velocity_m_s = {"16 * x^2 * (1 - x)^2", "0"};
  Case<double> c(params, {{0, 0}, {1, 1}, {64, 64}, {}});
  c.solver.advance(c.state, 40);
  EXPECT_NEAR(diagnostic(c, "energy_in"), 0, 1e-12);
  EXPECT_NEAR(diagnostic(c, "side_power") / diagnostic(c, "dissipation"), 1, 0.02);
  EXPECT_NEAR(diagnostic(c, "momentum_rate_x"), 0, 1e-7);
}

}  // namespace
