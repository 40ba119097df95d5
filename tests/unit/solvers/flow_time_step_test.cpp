// The time step: the stability limit of Adams-Bashforth 2 and what it sees of a state.
#include "solvers/flow/time_step.hpp"

#include <algorithm>
#include <complex>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;
using solvers::flow::StepRates;

// The recurrence itself, iterated from rho = 1: |q_n|^(1/n) tends to the largest root.
double iterated_growth(std::complex<double> z) {
  std::complex<double> old = 1, now = 1.0 + z;
  for (int n = 0; n < 4000; ++n) {
    const std::complex<double> next = now + 1.5 * z * now - 0.5 * z * old;
    old = now;
    now = next;
    const double size = std::abs(now);
    if (n > 3000) continue;
    old /= size;
    now /= size;
  }
  return std::pow(std::abs(now), 1.0 / 999);
}

TEST(FlowTimeStep, GrowthIsThatOfTheRecurrence) {
  for (const std::complex<double> z : {std::complex<double>{0, 0.5}, {0, 0.8}, {-0.1, 0.6}})
    EXPECT_NEAR(solvers::flow::adams_bashforth_growth(z), iterated_growth(z), 2e-3);
  EXPECT_NEAR(solvers::flow::adams_bashforth_growth({-1, 0}), 1, 1e-12);
  EXPECT_NEAR(solvers::flow::adams_bashforth_growth({0, 0.5}), 1.0267, 1e-4);
}

TEST(FlowTimeStep, ConvectionAndDiffusionTogether) {
  using solvers::flow::largest_growth, solvers::flow::stable_step;
  const StepRates inviscid{1, 0, 0, false};
  EXPECT_GT(largest_growth(inviscid, 0.5), 1.02);
  EXPECT_GT(largest_growth(inviscid, 0.8), 1.25);
  EXPECT_NEAR(stable_step(inviscid, 0.5), 0.14, 1e-3);
  EXPECT_EQ(stable_step({1, 0, 0, true}, 0.5), 0.5) << "upwind3 damps by itself";
  EXPECT_LT(stable_step({1, 0, 0, true}, 1), 0.6);
  EXPECT_EQ(stable_step({1, 0.3, 0.6, false}, 0.5), 0.5) << "diffusion carries the scheme";
  EXPECT_NEAR(stable_step({0, 5, 10, false}, 0.5), 0.09, 1e-12) << "diffusion alone";
  EXPECT_EQ(stable_step({0, 0, 0, false}, 0.5), solvers::flow::no_step_limit);
  for (const bool upwind : {false, true})
    for (const double least : {0.0, 0.01, 0.1, 0.4, 1.0})
      for (const double others : {0.0, 0.4, 1.5}) {
        const StepRates rates{1, least, least + others, upwind};
        const double dt = stable_step(rates, 1);
        EXPECT_GT(dt, 0.1);
        EXPECT_LE(largest_growth(rates, dt), 1 + 1.001 * solvers::flow::growth_allowance);
      }
}

// The shipped decks' steps are those of cfl = 0.5, as before the limit was a joint one: a wake at
// Reynolds 120 with 16 cells per diameter, the cavity, the 2-D Taylor-Green vortex.
TEST(FlowTimeStep, CommonFlowsKeepTheirStep) {
  const auto share = [](double speed, double h, double nu) {
    const StepRates rates{speed / h, 4 * nu / (h * h), 8 * nu / (h * h), false};
    return solvers::flow::stable_step(rates, 0.5) * rates.convection;
  };
  EXPECT_DOUBLE_EQ(share(2, 1.0 / 16, 1.0 / 120), 0.5);
  EXPECT_DOUBLE_EQ(share(1, 1.0 / 128, 1e-3), 0.5);
  EXPECT_DOUBLE_EQ(share(1, 6.2832 / 128, 0.01), 0.5);
}

double largest_speed(const mesh::State<double>& state) {
  double largest = 0;
  for (const char* name : {"u", "v"}) {
    const auto host =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state[name].component());
    const mesh::Range3 r = state.grid().interior();
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        largest = std::max(largest, std::abs(host(0, j, i)));
  }
  return largest;
}

TEST(FlowTimeStep, SeesALidThatMovesOverFluidAtRest) {
  FlowParams params;
  params.reynolds = 1e5;
  set_sides(params, {"wall", "wall", "wall", "wall"});
  params.boundaries.side[mesh::y_upper].velocity_m_s = {"1", "0"};
  Case<double> c(params, {{0, 0}, {1, 1}, {32, 32}, {}});
  EXPECT_LE(c.solver.stable_dt(c.state), 0.5 / 32);
  const auto report = c.solver.advance(c.state, 2);
  EXPECT_GE(report.steps, 2 / (0.5 / 32));
  EXPECT_LE(largest_speed(c.state), 1.05);
  EXPECT_GE(largest_speed(c.state), 0.02) << "the boundary layer is thinner than a cell";
}

TEST(FlowTimeStep, SeesWhatComesInAtAnUpperSide) {
  FlowParams params;
  params.reynolds = 100;
  set_sides(params, {"outflow", "inflow", "slip", "slip"});
  params.boundaries.side[mesh::x_upper].velocity_m_s = {"-8 * sin(t)", "0"};  // at rest at first
  Case<double> c(params, {{0, 0}, {2, 1}, {32, 16}, {}});
  c.solver.advance(c.state, 1);
  const double speed = 8 * std::sin(1.0);
  EXPECT_LE(rms_error<double>(c.state, "u", [&](double, double, double) { return -speed; }), 1e-6);
  EXPECT_LE(c.solver.last_step().dt_s * speed * 16, 0.55);
  // A state whose closing face alone is fast.
  const auto u = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["u"].data);
  Kokkos::deep_copy(u, 0.0);
  Kokkos::deep_copy(c.state["u"].data, u);
  EXPECT_LE(c.solver.stable_dt(c.state), 0.5 / (speed * 16) * 1.001);
}

TEST(FlowTimeStep, GrowsFromRestUnderABodyForce) {
  FlowParams params;
  params.viscosity_m2_s = 1e-4;
  params.acceleration_m_s2 = {50, 0};
  set_sides(params, {"periodic", "periodic", "slip", "slip"});
  params.initial.velocity_m_s = {"0", "1e-3 * sin(pi*x) * sin(pi*y)"};
  Case<double> c(params, {{0, 0}, {2, 1}, {32, 16}, {}});
  c.solver.advance(c.state, 1);
  EXPECT_NEAR(largest_speed(c.state), 50, 0.1);
  EXPECT_LE(c.solver.last_step().dt_s * 50 * 16, 0.55);
}

}  // namespace
