#include "solvers/flow/time_step.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace understudy::solvers::flow {

double adams_bashforth_growth(std::complex<double> z) {
  const std::complex<double> half_b = 0.5 + 0.75 * z;
  const std::complex<double> root = std::sqrt(half_b * half_b - 0.5 * z);
  return std::max(std::abs(half_b + root), std::abs(half_b - root));
}

double largest_growth(const StepRates& rates, double dt_s) {
  constexpr int angles = 48;
  const double c = dt_s * rates.convection, d = dt_s * rates.diffusion_least;
  const double others = std::max(0.0, dt_s * rates.diffusion_total - d);
  double growth = 0;
  for (int n = 1; n <= angles; ++n) {
    const double theta = n * std::numbers::pi / angles, bend = 1 - std::cos(theta);
    std::complex<double> z(-0.5 * d * bend, 0);
    if (rates.upwind)
      z += c *
           std::complex<double>(-bend * bend / 3, (8 * std::sin(theta) - std::sin(2 * theta)) / 6);
    else
      z += std::complex<double>(0, c * std::sin(theta));
    growth = std::max({growth, adams_bashforth_growth(z), adams_bashforth_growth(z - others)});
  }
  return growth;
}

double stable_step(const StepRates& rates, double cfl) {
  double dt = no_step_limit;
  if (rates.convection > 0) dt = std::min(dt, cfl / rates.convection);
  if (rates.diffusion_total > 0) dt = std::min(dt, 0.9 / rates.diffusion_total);
  if (rates.bounded > 0) dt = std::min(dt, 0.9 / rates.bounded);
  if (dt >= no_step_limit || largest_growth(rates, dt) <= 1 + growth_allowance) return dt;
  double stable = 0, unstable = dt;
  for (int n = 0; n < 12; ++n) {
    const double middle = 0.5 * (stable + unstable);
    (largest_growth(rates, middle) <= 1 + growth_allowance ? stable : unstable) = middle;
  }
  return stable;
}

}  // namespace understudy::solvers::flow
