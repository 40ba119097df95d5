#include "solvers/flow/time_step.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace understudy::solvers::flow {

namespace {

// |rho|^2 of the larger root. The square root of a complex number w is taken by that of the real numbers
// |w| and (|w| + |Re w|) / 2, without the library's care for numbers near its limits: this is asked some
// thousand times for each limit.
double squared_growth(double re, double im) {
  const double half_b_re = 0.5 + 0.75 * re, half_b_im = 0.75 * im;
  const double w_re = half_b_re * half_b_re - half_b_im * half_b_im - 0.5 * re;
  const double w_im = 2 * half_b_re * half_b_im - 0.5 * im;
  const double size = std::sqrt(w_re * w_re + w_im * w_im);
  const double larger = std::sqrt(0.5 * (size + std::abs(w_re)));
  const double smaller = larger > 0 ? 0.5 * w_im / larger : 0;
  const double root_re = w_re >= 0 ? larger : std::abs(smaller);
  const double root_im = w_re >= 0 ? smaller : std::copysign(larger, w_im);
  const auto square = [](double x, double y) { return x * x + y * y; };
  return std::max(square(half_b_re + root_re, half_b_im + root_im),
                  square(half_b_re - root_re, half_b_im - root_im));
}

constexpr int angles = 48;

// What waves of each angle have of diffusion and convection.
struct Waves {
  double bend[angles], central[angles], upwind_re[angles], upwind_im[angles];
  Waves() {
    for (int n = 0; n < angles; ++n) {
      const double theta = (n + 1) * std::numbers::pi / angles;
      bend[n] = 1 - std::cos(theta);
      central[n] = std::sin(theta);
      upwind_re[n] = -bend[n] * bend[n] / 3;
      upwind_im[n] = (8 * std::sin(theta) - std::sin(2 * theta)) / 6;
    }
  }
};

}  // namespace

double adams_bashforth_growth(std::complex<double> z) {
  return std::sqrt(squared_growth(z.real(), z.imag()));
}

double largest_growth(const StepRates& rates, double dt_s) {
  static const Waves waves;
  const double c = dt_s * rates.convection, d = dt_s * rates.diffusion_least;
  const double others = std::max(0.0, dt_s * rates.diffusion_total - d);
  double growth = 0;
  for (int n = 0; n < angles; ++n) {
    const double damped = -0.5 * d * waves.bend[n];
    const double re = rates.upwind ? damped + c * waves.upwind_re[n] : damped;
    const double im = c * (rates.upwind ? waves.upwind_im[n] : waves.central[n]);
    growth = std::max({growth, squared_growth(re, im), squared_growth(re - others, im)});
  }
  return std::sqrt(growth);
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
