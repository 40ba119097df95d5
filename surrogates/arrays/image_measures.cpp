#include "surrogates/arrays/image_measures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

void require_pairs(std::size_t a, std::size_t b) {
  if (a != b || a == 0)
    throw core::UserError(core::format("two arrays of {} and {} values cannot be compared", a, b));
}

void require_range(const ValueRange& range) {
  if (!(range.highest > range.lowest))
    throw core::UserError(core::format(
        "values cannot be scaled by the range {} to {}: its end must lie above its start",
        range.lowest, range.highest));
}

constexpr long long window = 11;

std::array<double, window> gaussian_window() {
  std::array<double, window> weights{};
  double sum = 0;
  for (long long n = 0; n < window; ++n) {
    const double distance = double(n - window / 2) / 1.5;
    sum += weights[n] = std::exp(-0.5 * distance * distance);
  }
  for (double& w : weights) w /= sum;
  return weights;
}

// The local weighted mean, along one axis and then the other; zeros beyond the borders.
std::vector<double> local_mean(const std::vector<double>& image, long long rows,
                               long long columns) {
  static const auto weights = gaussian_window();
  std::vector<double> along(image.size()), mean(image.size());
  const auto line = [](const double* from, double* to, long long length, long long stride) {
    for (long long n = 0; n < length; ++n) {
      double sum = 0;
      for (long long k = 0; k < window; ++k) {
        const long long other = n + k - window / 2;
        if (other >= 0 && other < length) sum += weights[k] * from[other * stride];
      }
      to[n * stride] = sum;
    }
  };
  for (long long j = 0; j < rows; ++j) line(&image[j * columns], &along[j * columns], columns, 1);
  for (long long i = 0; i < columns; ++i) line(&along[i], &mean[i], rows, columns);
  return mean;
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> values(a.size());
  for (std::size_t n = 0; n < a.size(); ++n) values[n] = a[n] * b[n];
  return values;
}

}  // namespace

double mean_absolute_error(std::span<const float> a, std::span<const float> b, ValueRange range) {
  require_pairs(a.size(), b.size());
  require_range(range);
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += std::abs(double(a[n]) - double(b[n]));
  return 2 * sum / (range.highest - range.lowest) / static_cast<double>(a.size());
}

double relative_l2(std::span<const float> a, std::span<const float> b) {
  require_pairs(a.size(), b.size());
  double miss = 0, size = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    const double difference = double(a[n]) - double(b[n]);
    miss += difference * difference;
    size += double(b[n]) * double(b[n]);
  }
  if (miss == 0) return 0;
  return size > 0 ? std::sqrt(miss / size) : std::numeric_limits<double>::infinity();
}

double structural_similarity(std::span<const float> a, std::span<const float> b, long long rows,
                             ValueRange range) {
  require_pairs(a.size(), b.size());
  require_range(range);
  const auto size = static_cast<long long>(a.size());
  if (rows < 1 || size % rows != 0)
    throw core::UserError(core::format("{} values are no image of {} rows", size, rows));
  constexpr double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
  std::vector<double> x(a.size()), y(b.size());
  for (std::size_t n = 0; n < a.size(); ++n) {
    x[n] = (a[n] - range.lowest) / (range.highest - range.lowest);
    y[n] = (b[n] - range.lowest) / (range.highest - range.lowest);
  }
  const auto mean_of = [&](const std::vector<double>& image) {
    return local_mean(image, rows, size / rows);
  };
  const auto mx = mean_of(x), my = mean_of(y);
  const auto mxx = mean_of(product(x, x)), myy = mean_of(product(y, y));
  const auto mxy = mean_of(product(x, y));
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const double variances = (mxx[n] - mx[n] * mx[n]) + (myy[n] - my[n] * my[n]);
    const double covariance = mxy[n] - mx[n] * my[n];
    sum += (2 * mx[n] * my[n] + c1) * (2 * covariance + c2) /
           ((mx[n] * mx[n] + my[n] * my[n] + c1) * (variances + c2));
  }
  return sum / static_cast<double>(x.size());
}

}  // namespace understudy::surrogates
