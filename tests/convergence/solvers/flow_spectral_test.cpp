// The spectral flow solver against exact solutions: round-off where the flow's modes do not feed each other,
// fourth order in time, kinetic energy kept up to the time scheme, and the finite volumes' limit.
#include <cstdio>
#include <numbers>

#include "support/solvers_spectral_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = std::numbers::pi;

class SpectralConvergence : public SpectralSuite {};

// Taylor & Green 1937: convection is a gradient, and the integrating factor has the decay exactly. What is left
// is round-off, some eps a transform, in some 20 steps of 16 transforms.
template <class Real>
void taylor_green(double tolerance) {
  constexpr double nu = 0.05, end = 2;
  FlowParams params = periodic_flow(nu);
  params.density_kg_m3 = 2;
  params.initial.velocity_m_s = {"-cos(x) * sin(y)", "sin(x) * cos(y)"};
  SpectralCase<Real> c(params, cube_of(32));
  const auto report = c.solver.advance(c.state, end);
  EXPECT_GE(report.steps, 10);
  const double decay = std::exp(-2 * nu * end);
  EXPECT_LT(rms_error<Real>(
                c.state, "u",
                [&](double x, double y, double) { return -decay * std::cos(x) * std::sin(y); }),
            tolerance);
  EXPECT_LT(rms_error<Real>(
                c.state, "v",
                [&](double x, double y, double) { return decay * std::sin(x) * std::cos(y); }),
            tolerance);
  EXPECT_LT(rms_error<Real>(c.state, "p",
                            [&](double x, double y, double) {
                              return -0.5 * decay * decay * (std::cos(2 * x) + std::cos(2 * y));
                            }),
            tolerance)
      << "at the state's own time";
}

TEST_F(SpectralConvergence, TaylorGreenIsExactToRoundOff) { taylor_green<double>(1e-13); }
TEST_F(SpectralConvergence, TaylorGreenIsExactToRoundOffInSinglePrecision) {
  taylor_green<float>(3e-5);
}

// Arnold, Beltrami & Childress: curl u = u, so that u x curl u = 0: all nine products, all axes.
TEST_F(SpectralConvergence, AbcFlowIsExactToRoundOff) {
  constexpr double nu = 0.1, end = 0.5;
  FlowParams params = periodic_flow(nu, 3);
  params.initial.velocity_m_s = {"sin(z) + 0.5 * cos(y)", "0.8 * sin(x) + cos(z)",
                                 "0.5 * sin(y) + 0.8 * cos(x)"};
  SpectralCase<double> c(params, {{0, 0, 0}, {2 * pi, 2 * pi, 2 * pi}, {12, 16, 18}, {}});
  c.solver.advance(c.state, end);
  const double decay = std::exp(-nu * end);
  const auto u = [&](double, double y, double z) {
    return decay * (std::sin(z) + 0.5 * std::cos(y));
  };
  const auto v = [&](double x, double, double z) {
    return decay * (0.8 * std::sin(x) + std::cos(z));
  };
  const auto w = [&](double x, double y, double) {
    return decay * (0.5 * std::sin(y) + 0.8 * std::cos(x));
  };
  EXPECT_LT(rms_error<double>(c.state, "u", u), 1e-13);
  EXPECT_LT(rms_error<double>(c.state, "v", v), 1e-13);
  EXPECT_LT(rms_error<double>(c.state, "w", w), 1e-13);
  // Its mean is taken off by hand: where it is as large as the rest, squares would cancel to 1e-7.
  const double mean_square = decay * decay * (0.625 + 0.82 + 0.445);
  EXPECT_LT(rms_error<double>(c.state, "p",
                              [&](double x, double y, double z) {
                                const double a = u(x, y, z), b = v(x, y, z), d = w(x, y, z);
                                return 0.5 * (mean_square - a * a - b * b - d * d);
                              }),
            1e-13);
}

// Carried by a mean flow: the solution at a point depends on time through convection, too. Space is exact.
TEST_F(SpectralConvergence, FourthOrderInTimeOnATravellingVortex) {
  constexpr double nu = 0.05, end = 0.8;
  double last = 0;
  std::printf("%10s %12s %7s\n", "dt", "error u", "order");
  for (const double dt : {0.08, 0.04, 0.02, 0.01}) {
    FlowParams params = periodic_flow(nu);
    params.max_dt_s = dt;
    params.cfl = 1;
    params.initial.velocity_m_s = {"1 - cos(x) * sin(y)", "0.5 + sin(x) * cos(y)"};
    SpectralCase<double> c(params, cube_of(16));
    c.solver.advance(c.state, end);
    EXPECT_NEAR(c.solver.last_dt_s(), dt, 1e-12);
    const double decay = std::exp(-2 * nu * end);
    const double error = rms_error<double>(c.state, "u", [&](double x, double y, double) {
      return 1 - decay * std::cos(x - end) * std::sin(y - 0.5 * end);
    });
    std::printf("%10.3g %12.4e %7.2f\n", dt, error, std::log2(last / error));
    if (last > 0) {
      EXPECT_GE(std::log2(last / error), 3.8);
    }
    last = error;
  }
}

FlowParams vortices(double viscosity) {
  FlowParams params = periodic_flow(viscosity);
  params.cfl = 1;
  params.initial.velocity_m_s = {"sin(y) + 0.4 * cos(2 * y + x)",
                                 "0.6 * cos(x) - 0.2 * cos(2 * y + x)"};
  return params;
}

// Everything at once: convection, viscosity, drag and a force that varies in time. Halving dt on one grid, the
// differences of successive solutions are the error of time alone (Richardson).
TEST_F(SpectralConvergence, FourthOrderInTimeOfAllTerms) {
  std::vector<std::shared_ptr<SpectralCase<double>>> runs;
  for (int level = 0; level < 5; ++level) {
    FlowParams params = vortices(0.02);
    params.rayleigh_friction_1_s = 0.3;
    params.force_m_s2 = {"0.5 * sin(2 * y) * cos(3 * t)", "0.3 * cos(x + t)"};
    params.acceleration_m_s2 = {0.1, -0.05};
    params.max_dt_s = 0.04 / (1 << level);
    runs.push_back(std::make_shared<SpectralCase<double>>(params, cube_of(32)));
    runs.back()->solver.advance(runs.back()->state, 0.8);
    EXPECT_NEAR(runs.back()->solver.last_dt_s(), params.max_dt_s, 1e-12);
  }
  double last_u = 0, last_p = 0;
  std::printf("%10s %12s %7s %12s %7s\n", "dt", "error u", "order", "error p", "order");
  for (int level = 0; level + 1 < 5; ++level) {
    const double u = rms_difference(runs[level]->state, runs[level + 1]->state, "u");
    const double p = rms_difference(runs[level]->state, runs[level + 1]->state, "p");
    std::printf("%10.3g %12.4e %7.2f %12.4e %7.2f\n", 0.04 / (1 << level), u, std::log2(last_u / u),
                p, std::log2(last_p / p));
    if (level >= 1) {
      EXPECT_GE(std::log2(last_u / u), 3.8);
      EXPECT_GE(std::log2(last_p / p), 3.8);
    }
    last_u = u;
    last_p = p;
  }
}

// Without viscosity the carried modes exchange energy and keep their sum; what is lost is the time scheme's, at
// its order or better (aliased products would make or take energy at any step).
TEST_F(SpectralConvergence, InviscidEnergyIsKeptToTheTimeSchemesOrder) {
  double last = 0;
  for (const double dt : {0.08, 0.04, 0.02}) {
    FlowParams params = vortices(0);
    params.max_dt_s = dt;
    SpectralCase<double> c(params, cube_of(24));
    const double start = c.diagnostic("kinetic_energy"), turning = c.diagnostic("enstrophy");
    c.solver.advance(c.state, 4);
    const double drift = std::abs(c.diagnostic("kinetic_energy") / start - 1);
    std::printf("dt %.3g: energy drift %.3e, enstrophy drift %.3e\n", dt, drift,
                c.diagnostic("enstrophy") / turning - 1);
    EXPECT_NEAR(c.diagnostic("momentum_x"), 0, 1e-11);
    if (last > 0) {
      EXPECT_GE(std::log2(last / drift), 3.8);
    }
    last = drift;
  }
  EXPECT_LT(last, 1e-9);
}

// Both discretisations have one limit, which the finite volumes approach at second order.
TEST_F(SpectralConvergence, FiniteVolumesApproachItAtSecondOrder) {
  double last = 0;
  for (const int cells : {32, 64, 128}) {
    FlowParams params = vortices(0.02);
    params.cfl = 0.5;
    params.rayleigh_friction_1_s = 0.1;
    params.force_m_s2 = {"0.3 * sin(2 * y)", "0.2 * cos(x) * sin(t)"};
    Case<double> volumes(params, cube_of(cells));
    SpectralCase<double> spectral(params, cube_of(cells));
    volumes.solver.advance(volumes.state, 0.5);
    spectral.solver.advance(spectral.state, 0.5);
    const double u = rms_difference(volumes.state, spectral.state, "u");
    std::printf("%4d cells: difference %.4e, order %.2f\n", cells, u, std::log2(last / u));
    if (last > 0) {
      EXPECT_GE(std::log2(last / u), 1.85);
    }
    last = u;
  }
}

// A smooth flow's error in space falls faster than any power: by 100 or more where cells are doubled.
TEST_F(SpectralConvergence, ErrorInSpaceFallsExponentially) {
  const auto after = [](int cells) {
    FlowParams params = vortices(0.05);
    params.max_dt_s = 0.005;
    auto c = std::make_shared<SpectralCase<double>>(params, cube_of(cells));
    c->solver.advance(c->state, 1);
    return c;
  };
  const auto fine = after(96);
  double last = 0;
  for (const int cells : {12, 24, 48}) {
    const auto c = after(cells);
    // The finer state's carried modes on this grid: the exact solution's part that it can have.
    mesh::State<double> exact = c->state.clone();
    c->solver.start_from(fine->state, exact);
    const double error = rms_difference(c->state, exact, "u");
    std::printf("%4d cells: error %.4e\n", cells, error);
    if (last > 0) {
      EXPECT_LT(error, 0.01 * last);
    }
    last = error;
  }
}

}  // namespace
