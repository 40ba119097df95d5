#include "pinn/classical_methods/periodic_spectral.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "pinn/classical_methods/uniform_samples.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
using Complex = std::complex<double>;
using Values = std::vector<Complex>;

// Discrete Fourier transforms of a power of two (Cooley & Tukey 1965, in place, radix 2).
class Transform {
 public:
  explicit Transform(std::size_t count) : roots_(count / 2), reversed_(count) {
    for (std::size_t n = 0; n < roots_.size(); ++n)
      roots_[n] = std::polar(1.0, -2 * pi * double(n) / double(count));
    for (std::size_t n = 1; n < count; ++n)
      reversed_[n] = reversed_[n / 2] / 2 + (n % 2 ? count / 2 : 0);
  }
  void forward(Values& v) const { run(v); }
  void backward(Values& v) const {
    for (auto& z : v) z = std::conj(z);
    run(v);
    for (auto& z : v) z = std::conj(z) / double(v.size());
  }

 private:
  void run(Values& v) const {
    const std::size_t count = v.size();
    for (std::size_t n = 0; n < count; ++n)
      if (n < reversed_[n]) std::swap(v[n], v[reversed_[n]]);
    for (std::size_t half = 1; half < count; half *= 2) {
      const std::size_t stride = count / (2 * half);
      for (std::size_t first = 0; first < count; first += 2 * half)
        for (std::size_t n = 0; n < half; ++n) {
          Complex &a = v[first + n], &b = v[first + n + half];
          const Complex w = roots_[n * stride];
          const Complex turned(b.real() * w.real() - b.imag() * w.imag(),
                               b.real() * w.imag() + b.imag() * w.real());
          b = a - turned;
          a += turned;
        }
    }
  }
  Values roots_;
  std::vector<std::size_t> reversed_;
};

Complex product(const Complex& a, const Complex& b) {  // without the tests for infinities
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

class Etdrk4 {
 public:
  Etdrk4(const PeriodicEquation& equation, int points, double dt)
      : equation_(equation), transform_(std::size_t(points)), slope_(std::size_t(points)) {
    const double unit = 2 * pi / (equation.upper - equation.lower);
    const auto count = std::size_t(points);
    for (auto* row : {&full_, &half_, &q_, &f1_, &f2_, &f3_}) row->resize(count);
    for (std::size_t n = 0; n < count; ++n) {
      const double mode = n <= count / 2 ? double(n) : double(n) - double(count);
      // The highest mode has no slope on the grid.
      slope_[n] = n == count / 2 ? Complex(0) : Complex(0, unit * mode);
      Complex l = equation.linear(unit * mode);
      if (n == count / 2) l = l.real();
      coefficients(n, l * dt, dt);
    }
  }

  // v: the spectrum [mode].
  void step(Values& v) {
    const std::size_t count = v.size();
    const Values nv = nonlinear(v);
    Values a(count), b(count), c(count);
    for (std::size_t n = 0; n < count; ++n) a[n] = product(half_[n], v[n]) + product(q_[n], nv[n]);
    const Values na = nonlinear(a);
    for (std::size_t n = 0; n < count; ++n) b[n] = product(half_[n], v[n]) + product(q_[n], na[n]);
    const Values nb = nonlinear(b);
    for (std::size_t n = 0; n < count; ++n)
      c[n] = product(half_[n], a[n]) + product(q_[n], 2.0 * nb[n] - nv[n]);
    const Values nc = nonlinear(c);
    for (std::size_t n = 0; n < count; ++n)
      v[n] = product(full_[n], v[n]) + product(f1_[n], nv[n]) +
             2.0 * product(f2_[n], na[n] + nb[n]) + product(f3_[n], nc[n]);
  }

  Values spectrum() const {
    Values v(slope_.size());
    for (std::size_t n = 0; n < v.size(); ++n)
      v[n] = equation_.initial(equation_.lower +
                               (equation_.upper - equation_.lower) * double(n) / double(v.size()));
    transform_.forward(v);
    return v;
  }

 private:
  // Means over a circle about h L, where the formulas themselves would cancel.
  void coefficients(std::size_t n, Complex hl, double dt) {
    full_[n] = std::exp(hl);
    half_[n] = std::exp(hl / 2.0);
    constexpr int on_circle = 64;
    for (int m = 0; m < on_circle; ++m) {
      const Complex r = hl + std::polar(1.0, 2 * pi * (m + 0.5) / on_circle);
      const Complex e = std::exp(r), r3 = r * r * r;
      const double part = dt / on_circle;
      q_[n] += part * (std::exp(r / 2.0) - 1.0) / r;
      f1_[n] += part * (-4.0 - r + e * (4.0 - 3.0 * r + r * r)) / r3;
      f2_[n] += part * (2.0 + r + e * (r - 2.0)) / r3;
      f3_[n] += part * (-4.0 - 3.0 * r - r * r + e * (4.0 - r)) / r3;
    }
  }

  Values nonlinear(const Values& v) {
    const std::size_t count = v.size();
    Values u = v;
    transform_.backward(u);
    // Both real: the two transforms are one.
    for (auto& value : u)
      value = Complex(equation_.source ? equation_.source(value.real()) : 0.0,
                      equation_.flux ? equation_.flux(value.real()) : 0.0);
    transform_.forward(u);
    Values result(count);
    for (std::size_t n = 0; n < count; ++n) {
      const Complex mirror = std::conj(u[(count - n) % count]);
      const Complex source = 0.5 * (u[n] + mirror);
      const Complex flux = product(Complex(0, -0.5), u[n] - mirror);
      result[n] = source - product(slope_[n], flux);
    }
    return result;
  }

  const PeriodicEquation& equation_;
  Transform transform_;
  Values slope_, full_, half_, q_, f1_, f2_, f3_;
};

}  // namespace

PeriodicHistory::PeriodicHistory(const PeriodicEquation& equation, const PeriodicRun& run)
    : lower_(equation.lower), wave_number_(2 * pi / (equation.upper - equation.lower)) {
  const auto [steps, interval] = keep_steps(run.steps, run.keep);
  interval_ = run.end * interval / steps;
  Etdrk4 scheme(equation, run.points, run.end / steps);
  Values v = scheme.spectrum();
  // Real values: modes below zero are the conjugates of those above, which count twice.
  const auto keep = [&] {
    Spectrum half(v.begin(), v.begin() + std::ptrdiff_t(v.size() / 2 + 1));
    for (std::size_t n = 0; n < half.size(); ++n)
      half[n] *= (n == 0 || n + 1 == half.size() ? 1.0 : 2.0) / double(v.size());
    kept_.push_back(std::move(half));
  };
  keep();
  for (int step = 1; step <= steps; ++step) {
    scheme.step(v);
    if (step % interval == 0) keep();
  }
}

PeriodicHistory::Spectrum PeriodicHistory::at_time(double t) const {
  const auto weights = lagrange_weights(t / interval_, int(kept_.size()), false);
  Spectrum sum(kept_.front().size());
  for (std::size_t w = 0; w < weights.weights.size(); ++w)
    if (weights.weights[w] != 0)
      for (std::size_t n = 0; n < sum.size(); ++n)
        sum[n] += weights.weights[w] * kept_[std::size_t(weights.first) + w][n];
  return sum;
}

std::vector<double> PeriodicHistory::at(const std::vector<std::vector<double>>& points) const {
  std::map<double, std::vector<std::size_t>> by_time;
  for (std::size_t p = 0; p < points.size(); ++p) by_time[points[p][1]].push_back(p);
  std::vector<double> u(points.size());
  for (const auto& [t, members] : by_time) {
    const Spectrum spectrum = at_time(t);
    for (const std::size_t p : members) {
      // Horner's rule in exp(i k x).
      const Complex z = std::polar(1.0, wave_number_ * (points[p][0] - lower_));
      Complex sum = 0;
      for (std::size_t n = spectrum.size(); n-- > 0;) sum = product(sum, z) + spectrum[n];
      u[p] = sum.real();
    }
  }
  return u;
}

}  // namespace understudy::pinn
