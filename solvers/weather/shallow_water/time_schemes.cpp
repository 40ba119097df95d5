#include "solvers/weather/shallow_water/time_schemes.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"
#include "solvers/weather/shallow_water/shallow_water_params.hpp"

namespace understudy::solvers {

namespace {

using Complex = std::complex<double>;

// What a step makes of a mode of rate z / dt.
Complex amplification(const std::string& scheme, Complex z) {
  Complex u = 1, start = 1;
  if (shallow_water::is_forward_backward(scheme)) {
    for (const auto& stage : shallow_water::forward_backward_stages) u = 1.0 + stage.dt * z * u;
    return u;
  }
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

// Rates of depth (in units of the mean depth) and velocity (in units of the waves' speed) of both of a wave of `angle`
// per cell, in a mean flow of `froude` times that speed.
struct WaveRates {
  Complex hh, hu, uh, uu;
};

template <int order>
WaveRates wave_rates(double angle, double froude) {
  constexpr int around = 8;
  double real[2 * around + 1], imaginary[2 * around + 1];
  for (int n = -around; n <= around; ++n) {
    real[n + around] = std::cos(angle * n);
    imaginary[n + around] = std::sin(angle * n);
  }
  const auto re = shallow_water::at_face<order>(real + around, 1L),
             im = shallow_water::at_face<order>(imaginary + around, 1L);
  const Complex lower{re.lower, im.lower}, upper{re.upper, im.upper};
  Complex over = 0;  // the difference over a cell of what has that value at the face below it
  for (int r = 0; r <= shallow_water::widening<order>; ++r)
    over += shallow_water::difference_weight<order, double>(r) *
            (std::polar(1.0, angle * (r + 1)) - std::polar(1.0, -angle * r));
  const Complex mean = (lower + upper) / 2.0, jump = upper - lower;
  const Complex same = -over * (froude * lower - jump / 2.0);
  return {same, -over * mean, -over * mean, same};
}

// The largest factor by which a forward-backward step makes a wave grow.
double forward_backward_growth(const WaveRates& rate, double cfl) {
  Complex matrix[2][2];
  for (int column = 0; column < 2; ++column) {
    const Complex h0 = column == 0 ? 1 : 0, u0 = column == 1 ? 1 : 0;
    Complex h = h0, u = u0;
    for (const auto& stage : shallow_water::forward_backward_stages) {
      const double dt = stage.dt * cfl;
      const Complex next = h0 + dt * (rate.hh * h + rate.hu * u);
      const Complex seen = stage.next * next + stage.current * h + stage.start * h0;
      u = u0 + dt * (rate.uh * seen + rate.uu * u);
      h = next;
    }
    matrix[0][column] = h;
    matrix[1][column] = u;
  }
  const Complex half = (matrix[0][0] + matrix[1][1]) / 2.0;
  const Complex root =
      std::sqrt(half * half - matrix[0][0] * matrix[1][1] + matrix[0][1] * matrix[1][0]);
  return std::max(std::abs(half + root), std::abs(half - root));
}

// Waves in any mean flow up to 0.7 of their speed; stable ranges have gaps, so it is looked for from below.
template <int order>
double forward_backward_cfl() {
  constexpr int angles = 120;
  double least = 20;
  for (int n = 0; n <= 14; ++n) {
    const double froude = 0.05 * n;
    std::vector<WaveRates> rates;
    for (int a = 1; a <= angles; ++a)
      rates.push_back(wave_rates<order>(a * std::numbers::pi / angles, froude));
    const auto stable = [&](double dt) {
      return std::ranges::all_of(rates, [&](const WaveRates& rate) {
        return forward_backward_growth(rate, dt) <= 1 + 1e-7;
      });
    };
    double dt = 0;
    while (dt < 20 && stable(dt + 0.01)) dt += 0.01;
    least = std::min(least, dt * (1 + froude));
  }
  return least;
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
  if (shallow_water::is_forward_backward(time_scheme))
    return order == 3   ? forward_backward_cfl<3>()
           : order == 5 ? forward_backward_cfl<5>()
                        : forward_backward_cfl<7>();
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
