// Gravity and sound waves from a weak warm bubble in an isothermal atmosphere between rigid lids, in a mean wind,
// against the exact solution of the linear compressible equations: the test of Baldauf & Brdar (2013, Q. J. R.
// Meteorol. Soc. 139), whose solution is derived here anew. With Bretherton's transform u, w ~ exp(z delta/2),
// p', rho' ~ exp(-z delta/2), delta = g / (R T0), the coefficients are constant, and each horizontal wave number
// k of w = exp(z delta/2) W(t) sin(m z), m = pi / H, obeys
//
//   W'''' + c^2 (k^2 + m^2 + delta^2/4) W'' + N^2 c^2 k^2 W = 0,   c^2 = gamma R T0, N^2 = g^2 / (cp T0).
//
// A start from rest with p' = 0 has W = W'' = 0, W' = g T'/T0 and W''' = -c^2 (m^2 + delta^2/4) W': two sines.
#include <complex>
#include <numbers>

#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

constexpr double height_m = 10e3, length_m = 100e3, radius_m = 5e3, t0_k = 250, amplitude_k = 1e-3;
constexpr double wind_m_s = 20, end_s = 600;

struct Exact {
  double p0 = 1e5, g, rd, cp, delta, c2, n2, rho0;
  explicit Exact(const MoistBoxParams& params)
      : g(params.air.gravity_m_s2),
        rd(params.air.gas_constant_j_kg_k),
        cp(params.air.heat_capacity_j_kg_k),
        delta(g / (rd * t0_k)),
        c2(params.air.gamma() * rd * t0_k),
        n2(g * g / (cp * t0_k)),
        rho0(p0 / (rd * t0_k)) {}

  /// u', w, theta' at (x, z), t after the start.
  std::array<double, 3> operator()(double x, double z, double t) const {
    const double m = std::numbers::pi / height_m, moved = x - wind_m_s * t;
    const double s = std::sin(m * z), co = std::cos(m * z);
    const double shape = c2 * rho0 * (m * co + delta / 2 * s) - g * rho0 * s;
    double u = 0, w = 0, risen = 0, start = 0;
    for (int n = 0; n <= 60; ++n) {
      const double k = 2 * std::numbers::pi * n / length_m;
      const double weight = (n == 0 ? 1 : 2) * amplitude_k * radius_m *
                            std::sqrt(std::numbers::pi) / length_m *
                            std::exp(-k * k * radius_m * radius_m / 4);
      const double kick = g * weight / t0_k, vertical = c2 * (m * m + delta * delta / 4);
      const double b = vertical + c2 * k * k, root = std::sqrt(b * b - 4 * n2 * c2 * k * k);
      const double fast2 = (b + root) / 2, slow2 = n2 * c2 * k * k / fast2;
      const double x_fast = kick * (vertical - slow2) / (fast2 - slow2), x_slow = kick - x_fast;
      for (const auto& [square, rate] : {std::pair{fast2, x_fast}, std::pair{slow2, x_slow}}) {
        if (square <= 0) continue;
        const double omega = std::sqrt(square), a = rate / omega;
        w += a * s * std::sin(omega * t) * std::cos(k * moved);
        risen += a * s * (1 - std::cos(omega * t)) / omega * std::cos(k * moved);
        // dp/dt = ... gives the pressure's part, and du/dt = -dp/dx / rho.
        const double pressure = a * shape / (omega - c2 * k * k / omega);
        u += k / (rho0 * omega) * pressure * std::sin(omega * t) * std::sin(k * moved);
      }
      start += weight * s * std::cos(k * moved);
    }
    const double rise = std::exp(delta * z / 2), theta = t0_k * std::exp(g * z / (cp * t0_k));
    return {rise * u, rise * w, theta / t0_k * rise * start - theta * n2 / g * rise * risen};
  }
};

/// Relative l2 errors of u', w and theta'.
std::array<double, 3> errors(int cells_x, bool damped) {
  MoistBoxParams params;
  params.base.profile = "isothermal";
  params.base.temperature_k = t0_k;
  params.base.wind_m_s = {std::to_string(wind_m_s)};
  if (!damped) params.off_centring = params.divergence_damping = 0;
  const Exact exact(params);
  char formula[200];
  std::snprintf(formula, sizeof formula,
                "%.17g * exp(%.17g * z / 2) * sin(pi * z / %g) * exp(-(x / %g)^2)", amplitude_k,
                exact.delta, height_m, radius_m);
  params.initial.temperature_k = formula;
  Case<double> c(params,
                 {{-length_m / 2, 0}, {length_m / 2, height_m}, {cells_x, cells_x / 5}, {}});
  c.solver.advance(c.state, end_s);
  std::array<double, 3> result{};
  const char* names[] = {"u", "w", "theta"};
  const mesh::Range3 r = c.grid->interior();
  for (int f = 0; f < 3; ++f) {
    const auto values = c.values(names[f]);
    double error = 0, norm = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const auto at = c.grid->position(c.state[names[f]].info.location, 0, j, i);
        const double wanted = exact(at[0], at[1], end_s)[f];
        const double own = values(0, j, i) - (f == 0 ? wind_m_s : 0);
        error += (own - wanted) * (own - wanted);
        norm += wanted * wanted;
      }
    result[f] = std::sqrt(error / norm);
  }
  return result;
}

/// Errors on two grids, the second with half the spacing and half the step.
void expect_order(bool damped, double least, double largest_error_theta) {
  const auto coarse = errors(100, damped), fine = errors(200, damped);
  const char* names[] = {"u", "w", "theta"};
  for (int f = 0; f < 3; ++f) {
    const double order = std::log2(coarse[f] / fine[f]);
    std::printf("%-5s %.3e %.3e order %.2f\n", names[f], coarse[f], fine[f], order);
    EXPECT_GT(order, least) << names[f];
  }
  EXPECT_LT(fine[2], largest_error_theta);
}

// Measured with 100, 200 and 400 cells, orders of the last pair: u 1.95, w 1.96, theta 2.01.
TEST(GravityWave, SecondOrderWithoutDamping) { expect_order(false, 1.7, 0.01); }
// The defaults damp sound, off-centring and divergence damping are errors of first order.
TEST(GravityWave, FirstOrderWithDamping) { expect_order(true, 0.5, 0.02); }

}  // namespace
