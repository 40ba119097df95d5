// What the scheme must keep: kinetic energy of an inviscid flow (up to the time scheme's error,
// which falls with dt^2), momentum and the scalar's total in a periodic box, mass between inflow
// and outflow, and a divergence below the pressure solver's tolerance after every projection.
#include <cstdio>

#include "solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = 3.14159265358979323846;

FlowParams inviscid() {
  FlowParams params;
  set_sides(params, {"periodic", "periodic", "periodic", "periodic", "periodic", "periodic"});
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

// The pressure equation's residual r is div u^{n+1} / dt, relative to b = div u* / dt.
TEST(Conservation, DivergenceBelowSolverTolerance) {
  for (const std::string method : {"fft", "multigrid"}) {
    Case<double> c(channel(method), {{0, 0}, {4, 2}, {96, 48}, {}});
    c.solver.advance(c.state, 0.5);
    const double divergence = c.diagnostic("divergence_norm");
    std::printf("%s: rms divergence %.2e 1/s\n", method.c_str(), divergence);
    EXPECT_LE(divergence, method == "fft" ? 1e-10 : 1e-5);
  }
}

TEST(Conservation, MassThroughChannel) {
  Case<double> c(channel("fft"), {{0, 0}, {4, 2}, {96, 48}, {}});
  double inflow = 0;  // midpoint sum of the parabola
  for (int j = 0; j < 48; ++j) {
    const double s = (j + 0.5) / 48;
    inflow += 1.5 * 4 * s * (1 - s) * 2 / 48;
  }
  EXPECT_NEAR(c.diagnostic("mass_flux"), inflow, 1e-12);
  c.solver.advance(c.state, 2);
  EXPECT_NEAR(c.diagnostic("mass_flux"), inflow, 1e-12);
}

}  // namespace
