#include "solvers/seismic/inversion/misfit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace understudy::solvers::seismic {

Misfit::Misfit(const std::string& kind, double record_every_s, int samples)
    : kind_(kind), dt_s_(record_every_s) {
  const auto known = kinds();
  if (std::find(known.begin(), known.end(), kind) == known.end())
    throw std::invalid_argument("no misfit '" + kind + "'");
  if (kind == "envelope") {
    kernel_.assign(samples, 0);
    for (int n = 1; n < samples; n += 2) kernel_[n] = 2 / (std::numbers::pi * n);
  }
}

// sum_m h(n - m) x(m), h odd: its transpose is its negative.
std::vector<double> Misfit::hilbert(const std::vector<double>& x) const {
  const int count = int(x.size());
  std::vector<double> y(count, 0);
  for (int n = 0; n < count; ++n) {
    double sum = 0;
    for (int lag = 1; lag <= n; lag += 2) sum += kernel_[lag] * x[n - lag];
    for (int lag = 1; lag < count - n; lag += 2) sum -= kernel_[lag] * x[n + lag];
    y[n] = sum;
  }
  return y;
}

double Misfit::trace(const std::vector<double>& u, const std::vector<double>& d,
                     std::vector<double>& derivative) const {
  const std::size_t count = u.size();
  double sum = 0;
  if (kind_ == "least_squares") {
    for (std::size_t n = 0; n < count; ++n) {
      derivative[n] = dt_s_ * (u[n] - d[n]);
      sum += 0.5 * dt_s_ * (u[n] - d[n]) * (u[n] - d[n]);
    }
    return sum;
  }
  if (kind_ == "correlation") {
    double uu = 0, dd = 0, ud = 0;
    for (std::size_t n = 0; n < count; ++n) {
      uu += dt_s_ * u[n] * u[n];
      dd += dt_s_ * d[n] * d[n];
      ud += dt_s_ * u[n] * d[n];
    }
    const double size = std::sqrt(uu);
    if (size == 0 || dd == 0) {
      std::fill(derivative.begin(), derivative.end(), 0);
      return std::sqrt(dd);
    }
    for (std::size_t n = 0; n < count; ++n)
      derivative[n] = dt_s_ * (ud * u[n] / (uu * size) - d[n] / size);
    return std::sqrt(dd) - ud / size;
  }
  const auto hu = hilbert(u), hd = hilbert(d);
  // Where nothing arrives the envelope has no derivative; its slope is taken from a floor.
  double largest = 0;
  for (std::size_t n = 0; n < count; ++n)
    largest = std::max({largest, std::hypot(d[n], hd[n]), std::hypot(u[n], hu[n])});
  if (largest == 0) {
    std::fill(derivative.begin(), derivative.end(), 0);
    return 0;
  }
  const double floor = 1e-6 * largest;
  std::vector<double> through(count);
  for (std::size_t n = 0; n < count; ++n) {
    const double e = std::sqrt(u[n] * u[n] + hu[n] * hu[n] + floor * floor);
    const double difference = e - std::sqrt(d[n] * d[n] + hd[n] * hd[n] + floor * floor);
    sum += 0.5 * dt_s_ * difference * difference;
    derivative[n] = dt_s_ * difference * u[n] / e;
    through[n] = dt_s_ * difference * hu[n] / e;
  }
  const auto back = hilbert(through);
  for (std::size_t n = 0; n < count; ++n) derivative[n] -= back[n];
  return sum;
}

TraceMisfit Misfit::operator()(const Gather& computed, const Gather& observed) const {
  TraceMisfit result;
  result.derivative = Gather(computed.samples, computed.receivers);
  std::vector<double> u(computed.samples), d(computed.samples), derivative(computed.samples);
  for (int r = 0; r < computed.receivers; ++r) {
    for (int n = 0; n < computed.samples; ++n) {
      u[n] = computed.at(n, r);
      d[n] = observed.at(n, r);
    }
    result.value += trace(u, d, derivative);
    for (int n = 0; n < computed.samples; ++n) result.derivative.at(n, r) = derivative[n];
  }
  return result;
}

void low_pass(std::vector<double>& values, int columns, double dt_s, double cutoff_hz) {
  // exp(-2 (pi sigma f)^2) = 0.1 at the cut-off.
  const double sigma_s = std::sqrt(std::log(10.0) / 2) / (std::numbers::pi * cutoff_hz);
  const double delay_s = 3.5 * sigma_s;
  const int taps = 1 + int(std::ceil(2 * delay_s / dt_s));
  std::vector<double> weight(taps);
  for (int n = 0; n < taps; ++n) {
    const double x = (n * dt_s - delay_s) / sigma_s;
    weight[n] = dt_s / (sigma_s * std::sqrt(2 * std::numbers::pi)) * std::exp(-0.5 * x * x);
  }
  const int rows = int(values.size()) / columns;
  std::vector<double> row(columns);
  for (int n = rows - 1; n >= 0; --n) {
    std::fill(row.begin(), row.end(), 0);
    for (int m = 0; m <= std::min(n, taps - 1); ++m) {
      const double* from = values.data() + std::size_t(n - m) * columns;
      for (int c = 0; c < columns; ++c) row[c] += weight[m] * from[c];
    }
    std::copy(row.begin(), row.end(), values.begin() + std::size_t(n) * columns);
  }
}

void low_pass_transposed(std::vector<double>& values, int columns, double dt_s, double cutoff_hz) {
  const auto reverse = [&] {
    const std::size_t rows = values.size() / std::size_t(columns);
    for (std::size_t n = 0; n < rows / 2; ++n)
      std::swap_ranges(values.begin() + std::ptrdiff_t(n * columns),
                       values.begin() + std::ptrdiff_t((n + 1) * columns),
                       values.begin() + std::ptrdiff_t((rows - 1 - n) * columns));
  };
  reverse();
  low_pass(values, columns, dt_s, cutoff_hz);
  reverse();
}

}  // namespace understudy::solvers::seismic
