// Evolution equations on a period, u_t = L u + s(u) - f(u)_x with a linear L of constant coefficients, by
// Fourier modes in space and exponential time differencing of fourth order (ETDRK4: Cox & Matthews 2002,
// eq. 26-29; its coefficients by contour integrals, Kassam & Trefethen 2005, section 2). L is taken exactly;
// errors fall exponentially with the points while the solution is smooth, and as steps^-4. Nothing is
// dealiased: take points enough.
#pragma once

#include <complex>
#include <functional>
#include <vector>

namespace understudy::pinn {

struct PeriodicEquation {
  double lower = 0, upper = 1;  ///< of the period
  /// What L does to exp(i k x).
  std::function<std::complex<double>(double k)> linear = {};
  std::function<double(double u)> source = {}, flux = {};  ///< s and f; may be empty
  std::function<double(double x)> initial = {};
};

struct PeriodicRun {
  int points = 64;  ///< of the grid, a power of 2
  int steps = 100;  ///< more where instants kept would not be equally far apart
  double end = 1;   ///< time
  int keep = 400;   ///< instants kept beside the first, at most
};

/// The solution at any place (its trigonometric polynomial) and time (polynomials of degree 7 through the
/// instants kept).
class PeriodicHistory {
 public:
  PeriodicHistory(const PeriodicEquation& equation, const PeriodicRun& run);
  /// [point] at points [point][x, t]
  std::vector<double> at(const std::vector<std::vector<double>>& points) const;

 private:
  using Spectrum = std::vector<std::complex<double>>;  ///< [mode 0 ... points / 2]
  Spectrum at_time(double t) const;
  double lower_, wave_number_, interval_;
  std::vector<Spectrum> kept_;
};

}  // namespace understudy::pinn
