#include "core/conformal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double or_infinite(double value) { return std::isnan(value) ? infinity : value; }

}  // namespace

double conformal_quantile(std::vector<double> scores, double quantile) {
  const auto n = static_cast<double>(scores.size());
  // A rank that is a whole number but for rounding is that number.
  const double rank = std::ceil((n + 1) * quantile - 1e-9 * (n + 1));
  if (rank > n) return infinity;
  for (double& score : scores) score = or_infinite(score);
  const auto at = scores.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0) - 1);
  std::nth_element(scores.begin(), at, scores.end());
  return *at;
}

double risk_controlled_threshold(const std::vector<double>& scores,
                                 const std::vector<double>& errors, double error_limit,
                                 double risk) {
  if (scores.size() != errors.size())
    throw core::UserError(
        core::format("risk control: {} scores and {} errors; each window has both", scores.size(),
                     errors.size()));
  const auto n = static_cast<double>(scores.size());
  // How many accepted windows may be wrong: (wrong + 1) / (n + 1) <= risk.
  const double allowed = std::floor(risk * (n + 1) - 1 + 1e-9 * (n + 1));
  if (allowed < 0) return -infinity;
  std::vector<double> wrong;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (or_infinite(errors[i]) > error_limit) wrong.push_back(or_infinite(scores[i]));
  if (static_cast<double>(wrong.size()) <= allowed) return infinity;
  // Below the first wrong window that is one too many.
  const auto at = wrong.begin() + static_cast<std::ptrdiff_t>(allowed);
  std::nth_element(wrong.begin(), at, wrong.end());
  return std::nextafter(*at, -infinity);
}

Fraction fraction_of(long long hits, long long count) {
  if (count <= 0) return {};
  constexpr double z = 1.959964;
  const auto n = static_cast<double>(count);
  const double p = static_cast<double>(hits) / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return {hits, count, p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace understudy::surrogates
