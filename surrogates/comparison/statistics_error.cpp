// How far mean and standard deviation of diagnostics over time are off.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/unit_scale.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

namespace {

// Of the root mean square: below it, what a deviation is relative to; round-off in single precision is far less.
constexpr double least_deviation = 1e-3;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Moments {
  double mean = unknown, deviation = unknown;
};

// Over windows 1...`windows`, which `values` holds from `from` on; of those that count.
Moments moments(const std::vector<double>& values, std::size_t from, std::size_t windows,
                const std::vector<bool>& counted) {
  std::vector<double> kept;
  for (std::size_t n = 0; n < windows; ++n)
    if (n >= counted.size() || counted[n]) kept.push_back(values[from + n]);
  if (kept.empty()) return {};
  const auto count = static_cast<double>(kept.size());
  Moments m{0, 0};
  for (const double x : kept) m.mean += x / count;
  for (const double x : kept) m.deviation += (x - m.mean) * (x - m.mean) / count;
  m.deviation = std::sqrt(m.deviation);
  return m;
}

}  // namespace

double ComparisonResult::statistics_error(const std::vector<std::vector<double>>& values,
                                          const std::vector<bool>& counted) const {
  double sum = 0, terms = 0;
  for (std::size_t n = 0; n < statistics.size() && n < values.size(); ++n) {
    const auto of = std::ranges::find(diagnostics, statistics[n], &DiagnosticSeries::name);
    if (of == diagnostics.end() || of->truth.size() < 2) continue;
    const std::size_t known = std::min(of->truth.size() - 1, values[n].size());
    const Moments truth = moments(of->truth, 1, known, counted),
                  other = moments(values[n], 0, known, counted);
    const double scale = std::hypot(truth.mean, truth.deviation);
    if (!(scale > 0)) continue;  // or not known: of no side, then
    sum += std::abs(other.mean - truth.mean) / scale;
    terms += 1;
    if (!(truth.deviation > core::nothing * scale)) continue;  // steady
    sum += std::abs(other.deviation - truth.deviation) /
           std::max(truth.deviation, least_deviation * scale);
    terms += 1;
  }
  return terms > 0 ? sum / terms : unknown;
}

double ComparisonResult::statistics_error() const {
  std::vector<std::vector<double>> values;
  for (const std::string& name : statistics) {
    const auto of = std::ranges::find(diagnostics, name, &DiagnosticSeries::name);
    values.emplace_back();
    if (of != diagnostics.end() && of->replacement.size() > 1)
      values.back().assign(of->replacement.begin() + 1, of->replacement.end());
  }
  return statistics_error(values, counted());
}

std::vector<double> values_of(const std::vector<solvers::Diagnostic>& all,
                              const std::vector<std::string>& names) {
  std::vector<double> values;
  for (const std::string& name : names) {
    const auto at = std::ranges::find(all, name, &solvers::Diagnostic::name);
    values.push_back(at == all.end() ? unknown : at->value);
  }
  return values;
}

}  // namespace understudy::surrogates
