#include "solvers/weather/shallow_water/time_schemes.hpp"

#include <cmath>
#include <complex>
#include <numbers>

#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"
#include "solvers/weather/shallow_water/shallow_water_params.hpp"

namespace understudy::solvers {

namespace {

using Complex = std::complex<double>;

// What a step makes of a mode of rate z / dt.
Complex amplification(const std::string& scheme, Complex z) {
  Complex u = 1, start = 1;
  for (const auto& stage : shallow_water::stages(scheme)) {
    u = stage.start * start + stage.current * (u + stage.dt * z * u);
    start = stage.keep_start * start + stage.keep_current * u;
  }
  return u;
}

// Rate of the wave of `angle` per cell at unit speed: minus the difference of the interpolated values. The real
// and the imaginary part of a wave are interpolated one by one.
template <int order>
Complex wave_rate(double angle) {
  constexpr int around = 8;
  double real[2 * around + 1], imaginary[2 * around + 1];
  for (int n = -around; n <= around; ++n) {
    real[n + around] = std::cos(angle * n);
    imaginary[n + around] = std::sin(angle * n);
  }
  Complex rate = 0;
  const auto face = [&](int n) {
    return Complex{shallow_water::towards_face<order>(real + around + n, 1L),
                   shallow_water::towards_face<order>(imaginary + around + n, 1L)};
  };
  for (int r = 0; r <= shallow_water::widening<order>; ++r)
    rate -= shallow_water::difference_weight<order, double>(r) * (face(r + 1) - face(-r));
  return rate;
}

Complex wave_rate(long long order, double angle) {
  return order == 3 ? wave_rate<3>(angle) : order == 5 ? wave_rate<5>(angle) : wave_rate<7>(angle);
}

template <class Stable>
double largest(double most, const Stable& stable) {
  double low = 0, high = most;
  for (int n = 0; n < 40; ++n) {
    const double middle = (low + high) / 2;
    (stable(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace

double largest_stable_cfl(long long order, const std::string& time_scheme) {
  constexpr int angles = 400;
  return largest(20, [&](double cfl) {
    for (int n = 1; n <= angles; ++n) {
      const Complex rate = wave_rate(order, n * std::numbers::pi / angles);
      if (std::abs(amplification(time_scheme, cfl * rate)) > 1 + 1e-9) return false;
    }
    return true;
  });
}

double largest_stable_decay(const std::string& time_scheme) {
  return largest(40, [&](double decay) {
    for (int n = 1; n <= 100; ++n)
      if (std::abs(amplification(time_scheme, -decay * n / 100)) > 1 + 1e-9) return false;
    return true;
  });
}

}  // namespace understudy::solvers
