// The spectral flow solver on forced flows: Kolmogorov flow's laminar solution u = F sin(k y) / (nu k^2 + lambda)
// (Meshalkin & Sinai 1961; at the box's own wave number it is stable), the energy budget of forced 2-D turbulence, and a force that varies in time.
#include <cstdio>
#include <numbers>

#include "core/format.hpp"
#include "support/solvers_spectral_case.hpp"

namespace {

using namespace flow_test;

class SpectralForced : public SpectralSuite {};

// A steady mode under E = exp(-z), z = (nu k^2 + lambda) dt, comes out as F / (nu k^2 + lambda) times
// z/6 (1 + 4 sqrt(E) + E) / (1 - E), Simpson's rule: wrong by z^4 / 2880.
TEST_F(SpectralForced, LaminarKolmogorovFlowIsReachedAndKept) {
  constexpr double nu = 0.05, drag = 0.3, force = 0.7;
  constexpr double rate = nu + drag, size = force / rate;  // k = 1: stable at any viscosity
  FlowParams params = periodic_flow(nu);
  params.rayleigh_friction_1_s = drag;
  params.force_m_s2 = {core::format("{} * sin(y)", force), "0"};
  SpectralCase<double> c(params, cube_of(16));
  const auto error = [&] {
    return rms_error<double>(c.state, "u",
                             [&](double, double y, double) { return size * std::sin(y); });
  };
  // From rest it is reached as exp(-rate t).
  c.solver.advance(c.state, 4);
  EXPECT_NEAR(error(), size * std::exp(-rate * 4) / std::sqrt(2), 1e-3 * size);
  c.solver.advance(c.state, 100);
  const double z = rate * c.solver.last_dt_s();
  std::printf("u = %.4f sin y, z = %.3f: error %.3e of %.3e\n", size, z, error(),
              size * std::pow(z, 4) / 2880);
  EXPECT_LT(error(), size * std::pow(z, 4) / 2880 + 1e-12);
  EXPECT_LT(error(), 1e-6 * size);
  EXPECT_LT(rms_error<double>(c.state, "v", [](double, double, double) { return 0; }), 1e-12);
  EXPECT_LT(rms_error<double>(c.state, "p", [](double, double, double) { return 0; }), 1e-12);
}

// A force along x that is a gradient moves nothing: the pressure takes it up.
TEST_F(SpectralForced, AGradientIsThePressures) {
  FlowParams params = periodic_flow(0.01);
  params.density_kg_m3 = 3;
  params.force_m_s2 = {"2 * cos(2 * x)", "0"};
  SpectralCase<double> c(params, cube_of(12));
  c.solver.advance(c.state, 1);
  EXPECT_LT(rms_error<double>(c.state, "u", [](double, double, double) { return 0; }), 1e-13);
  EXPECT_LT(
      rms_error<double>(c.state, "p", [](double x, double, double) { return 3 * std::sin(2 * x); }),
      1e-13);
}

// dv/dt = cos(t) + 0.5 - 0.4 v everywhere, from rest: of the mean flow alone, fourth order.
TEST_F(SpectralForced, MeanForceAndDragInTimeAreFourthOrder) {
  constexpr double drag = 0.4, end = 1;
  // v = a cos t + b sin t + c - (a + c) exp(-drag t)
  const double b = 1 / (1 + drag * drag), a = drag * b, c0 = 0.5 / drag;
  const double exact =
      a * std::cos(end) + b * std::sin(end) + c0 - (a + c0) * std::exp(-drag * end);
  double last = 0;
  for (const double dt : {0.25, 0.125, 0.0625}) {
    FlowParams params = periodic_flow(0.01);
    params.rayleigh_friction_1_s = drag;
    params.force_m_s2 = {"0", "cos(t)"};
    params.acceleration_m_s2 = {0, 0.5};
    params.max_dt_s = dt;
    params.cfl = 1;
    SpectralCase<double> c(params, cube_of(4));  // wide cells: nothing else bounds the step
    c.solver.advance(c.state, end);
    EXPECT_NEAR(c.solver.last_dt_s(), dt, 1e-12);
    const double error =
        rms_error<double>(c.state, "v", [&](double, double, double) { return exact; });
    std::printf("dt %.4g: error %.3e, order %.2f\n", dt, error, std::log2(last / error));
    if (last > 0) {
      EXPECT_NEAR(std::log2(last / error), 4, 0.3);
    }
    last = error;
  }
}

// dE/dt = -dissipation + injection - drag loss, closed by the diagnostics; what is left is the trapezoidal rule's,
// (end / parts)^2 / 12 times the change of the rates' slopes.
TEST_F(SpectralForced, EnergyBudgetCloses) {
  FlowParams params = periodic_flow(1e-3);
  params.cfl = 0.5;
  params.force_m_s2 = {"0.5 * sin(4 * y)", "0"};
  params.acceleration_m_s2 = {0.01, 0};
  params.rayleigh_friction_1_s = 0.1;
  params.density_kg_m3 = 2;
  params.initial.random.spectrum = "peak";
  params.initial.random.rms_m_s = 0.7;
  params.initial.random.peak_wave_number_1_m = 4;
  SpectralCase<double> c(params, cube_of(96));
  constexpr int parts = 200;
  constexpr double end = 2;
  double dissipated = 0, injected = 0, dragged = 0;
  const double first = c.diagnostic("kinetic_energy");
  for (int n = 0; n <= parts; ++n) {
    const double weight = (n == 0 || n == parts ? 0.5 : 1) * end / parts;
    dissipated += weight * c.diagnostic("dissipation");
    injected += weight * c.diagnostic("injection");
    dragged += weight * c.diagnostic("drag_loss");
    if (n < parts) c.solver.advance(c.state, end / parts);
  }
  const double gained = c.diagnostic("kinetic_energy") - first;
  const double whole = dissipated + dragged + std::abs(injected);
  const double gap = std::abs(gained + dissipated + dragged - injected);
  std::printf("gained %.6f injected %.6f dissipated %.6f dragged %.6f gap %.2e\n", gained, injected,
              dissipated, dragged, gap);
  for (const double part : {dissipated, dragged, std::abs(injected)}) EXPECT_GT(part, 0.01 * whole);
  EXPECT_LT(gap, 1e-4 * whole);
}

}  // namespace
