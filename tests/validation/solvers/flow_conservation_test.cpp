// What the scheme must keep: kinetic energy of an inviscid flow (up to the time scheme's error,
// which falls with dt^2), momentum and the scalar's total in a periodic box, mass between inflow
// and outflow, and a divergence below the pressure solver's tolerance after every projection.
#include <algorithm>
#include <cstdio>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = 3.14159265358979323846;

FlowParams inviscid(int dimension = 3) {
  FlowParams params;
  set_sides(params, std::vector<std::string>(2 * dimension, "periodic"));
  params.initial.noise_m_s = 1;
  return params;
}

double energy_drift(double dt) {
  FlowParams params = inviscid();
  params.max_dt_s = dt;
  Case<double> c(params, {{0, 0, 0}, {2 * pi, 2 * pi, 2 * pi}, {16, 16, 16}, {}});
  const double before = c.diagnostic("kinetic_energy");
  c.solver.advance(c.state, 0.5);
  return std::abs(c.diagnostic("kinetic_energy") / before - 1);
}

// The step is the solver's own at the default cfl: nothing damps what the time scheme feeds.
TEST(Conservation, InviscidFlowDoesNotGainEnergyAtTheDefaultStep) {
  FlowParams params = inviscid(2);
  params.initial.noise_m_s = 0.1;
  params.initial.velocity_m_s = {"sin(y)", "0"};
  Case<double> shear(params, {{0, 0}, {2 * pi, 2 * pi}, {32, 32}, {}});
  params.initial.velocity_m_s = {"-cos(x) * sin(y)", "sin(x) * cos(y)"};
  Case<double> vortices(params, {{0, 0}, {2 * pi, 2 * pi}, {32, 32}, {}});
  for (Case<double>* c : {&shear, &vortices}) {
    const double before = c->diagnostic("kinetic_energy");
    const auto report = c->solver.advance(c->state, 40);
    const double ratio = c->diagnostic("kinetic_energy") / before;
    std::printf("inviscid, central, 32^2: energy x %.5f after %lld steps\n", ratio, report.steps);
    EXPECT_LE(ratio, 1.002);
    EXPECT_GE(ratio, 0.99);
  }
}

// On noise, the roughest field there is, in 3-D.
TEST(Conservation, EnergyOfCentralConvection) {
  const double coarse = energy_drift(0.01), fine = energy_drift(0.005),
               finer = energy_drift(0.0025);
  std::printf("energy drift, noise on 16^3, t = 0.5: dt 0.01 %.2e, 0.005 %.2e, 0.0025 %.2e\n",
              coarse, fine, finer);
  EXPECT_LE(finer, 1e-3);
  EXPECT_GE(coarse / fine, 3.5);  // none would be left but the time scheme's
  EXPECT_GE(fine / finer, 3.5);
}

TEST(Conservation, MomentumAndScalarInPeriodicBox) {
  FlowParams params = inviscid();
  params.viscosity_m2_s = 0.01;
  params.scalar.enabled = true;
  params.initial.velocity_m_s = {"0.3", "-0.2", "0.1"};
  params.initial.scalar = "1 + sin(x) * cos(y)";
  Case<double> c(params, {{0, 0, 0}, {2 * pi, 2 * pi, 2 * pi}, {16, 12, 20}, {}});
  std::vector<double> before;
  const std::vector<std::string> names{"momentum_x", "momentum_y", "momentum_z", "scalar_total"};
  for (const auto& name : names) before.push_back(c.diagnostic(name));
  c.solver.advance(c.state, 1);
  for (std::size_t n = 0; n < names.size(); ++n)
    EXPECT_NEAR(c.diagnostic(names[n]), before[n], 1e-10 * std::abs(before[n])) << names[n];
}

TEST(Conservation, UpwindLosesEnergy) {
  FlowParams params = inviscid();
  params.convection = "upwind3";
  Case<double> c(params, {{0, 0, 0}, {2 * pi, 2 * pi, 2 * pi}, {16, 16, 16}, {}});
  const double before = c.diagnostic("kinetic_energy");
  c.solver.advance(c.state, 0.5);
  EXPECT_LT(c.diagnostic("kinetic_energy"), 0.9 * before);
}

FlowParams channel(const std::string& method) {
  FlowParams params;
  params.reynolds = 100;
  params.pressure.method = method;
  set_sides(params, {"inflow", "outflow", "wall", "wall"});
  params.boundaries.side[mesh::x_lower].profile = "parabolic";
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1.5", "0"};
  params.initial.noise_m_s = 0.1;
  params.bodies = {mesh::BodyParams{}};
  params.bodies[0].diameter_m = 0.5;
  params.bodies[0].center_m = {1.0, 1.03};
  return params;
}

// Norms of div u, but for the cells that belong to the body, and of the right-hand side: it is
// div u* = div u + dt lap phi, phi the state's increment, and evened out in the body.
std::array<double, 2> divergences(Case<double>& c) {
  const auto host = [&](const char* name) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state[name].component());
  };
  const auto u = host("u"), v = host("v"), phi = host("pressure_increment");
  const double hx = c.grid->spacing(0), hy = c.grid->spacing(1), dt = c.solver.last_step().dt_s;
  const mesh::Range3 r = c.grid->interior();
  const auto gradient = [&](int j, int i, int dj, int di) {
    const bool inside =
        j + dj >= r.begin[1] && j + dj < r.end[1] && i + di >= r.begin[0] && i + di < r.end[0];
    return inside ? phi(0, j + dj, i + di) - phi(0, j, i) : 0.0;  // Neumann
  };
  double after = 0, before = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = c.grid->coordinate(mesh::Location::cell, 0, i) - 1.0,
                   y = c.grid->coordinate(mesh::Location::cell, 1, j) - 1.03;
      const bool in_body = std::hypot(x, y) < 0.25 + 1.5 * hx;
      const double d =
          in_body ? 0 : (u(0, j, i + 1) - u(0, j, i)) / hx + (v(0, j + 1, i) - v(0, j, i)) / hy;
      const double laplace = (gradient(j, i, 0, 1) + gradient(j, i, 0, -1)) / (hx * hx) +
                             (gradient(j, i, 1, 0) + gradient(j, i, -1, 0)) / (hy * hy);
      after += d * d;
      before += (d + dt * laplace) * (d + dt * laplace);
    }
  return {std::sqrt(after), std::sqrt(before)};
}

// The pressure equation's residual is div u / dt, its right-hand side div u* / dt.
TEST(Conservation, DivergenceBelowSolverTolerance) {
  const auto methods = mesh::linear_solver_methods();
  for (const std::string method : {"fft", "multigrid", "petsc"}) {
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) continue;
    for (const double tolerance : {1e-4, 1e-8}) {
      FlowParams params = channel(method);
      params.pressure.tolerance = tolerance;
      Case<double> c(params, {{0, 0}, {4, 2}, {96, 48}, {}});
      c.solver.advance(c.state, 0.5);
      const auto [after, before] = divergences(c);
      std::printf("%s, tolerance %.0e: |div u| / |div u*| = %.2e\n", method.c_str(), tolerance,
                  after / before);
      EXPECT_LE(after, (method == "petsc" ? 2 : 1) * tolerance * before + 1e-11) << method;
    }
  }
}

TEST(Conservation, MassThroughChannel) {
  FlowParams params = channel("auto");
  solve_exactly(params);
  Case<double> c(params, {{0, 0}, {4, 2}, {96, 48}, {}});
  double inflow = 0;  // midpoint sum of the parabola
  for (int j = 0; j < 48; ++j) {
    const double s = (j + 0.5) / 48;
    inflow += 1.5 * 4 * s * (1 - s) * 2 / 48;
  }
  EXPECT_NEAR(c.diagnostic("mass_flux"), inflow, 1e-12);
  c.solver.advance(c.state, 2);
  EXPECT_NEAR(c.diagnostic("mass_flux"), inflow, 1e-12);
  EXPECT_NEAR(c.diagnostic("mass_imbalance"), 0, 1e-12);
}

// What is conserved is inflow less outflow; what goes through follows the inflow.
TEST(Conservation, MassUnderAPulsatingInflow) {
  FlowParams params = channel("auto");
  solve_exactly(params);
  params.boundaries.side[mesh::x_lower].profile = "expression";
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1 + 0.5 * sin(2 * pi * t)", "0"};
  Case<double> c(params, {{0, 0}, {4, 2}, {32, 16}, {}});
  for (int n = 0; n < 4; ++n) {
    c.solver.advance(c.state, 0.1);
    EXPECT_NEAR(c.diagnostic("mass_flux"), 2 * (1 + 0.5 * std::sin(0.2 * M_PI * (n + 1))), 1e-9);
    EXPECT_NEAR(c.diagnostic("mass_imbalance"), 0, 1e-12);
  }
  for (const auto& d : c.solver.diagnostics(c.state)) {
    if (d.name == "flow.mass_flux") {
      EXPECT_EQ(d.kind, solvers::DiagnosticKind::free);
    }
    if (d.name == "flow.mass_imbalance") {
      EXPECT_EQ(d.kind, solvers::DiagnosticKind::conserved);
    }
  }
}

// Drag and reactions are losses, and nothing that they act on is conserved.
TEST(Conservation, IsClaimedOfNothingThatDragOrReactionsTake) {
  FlowParams params;
  params.viscosity_m2_s = 0.01;
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  params.scalar.enabled = true;
  const auto kind = [](const FlowParams& p, const std::string& name) {
    Case<double> c(p, {{0, 0}, {1, 1}, {8, 8}, {}});
    for (const auto& d : c.solver.diagnostics(c.state))
      if (d.name == name) return d.kind;
    throw std::out_of_range(name);
  };
  using solvers::DiagnosticKind;
  EXPECT_EQ(kind(params, "flow.momentum_x"), DiagnosticKind::conserved);
  EXPECT_EQ(kind(params, "flow.scalar_total"), DiagnosticKind::conserved);
  params.rayleigh_friction_1_s = 0.1;
  params.scalar.reaction.decay_1_s = 0.1;
  EXPECT_EQ(kind(params, "flow.momentum_x"), DiagnosticKind::free);
  EXPECT_EQ(kind(params, "flow.scalar_total"), DiagnosticKind::free);
}

}  // namespace
