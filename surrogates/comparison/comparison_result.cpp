// What a comparison's series say: means, the windows that count, times of correlation.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

double ErrorSeries::mean(const std::vector<bool>& counted) const {
  if (rel_l2.size() < 2) return 0;
  double sum = 0, count = 0;
  for (std::size_t n = 1; n < rel_l2.size(); ++n) {
    if (std::isnan(rel_l2[n]) || (n <= counted.size() && !counted[n - 1])) continue;
    sum += rel_l2[n];
    count += 1;
  }
  return sum / count;
}

double CorrelationSeries::time_below(double level, double window_s) const {
  for (std::size_t n = 1; n < values.size(); ++n) {
    if (values[n] >= level) continue;
    const double fall = values[n - 1] - values[n];
    const double part = fall > 0 ? (values[n - 1] - level) / fall : 1;
    return (static_cast<double>(n) - 1 + std::clamp(part, 0.0, 1.0)) * window_s;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

const ErrorSeries& ComparisonResult::error_of(const std::string& field) const {
  std::string known;
  for (const ErrorSeries& series : errors) {
    if (series.field == field) return series;
    known += (known.empty() ? "" : ", ") + series.field;
  }
  throw std::out_of_range("no errors of '" + field + "'; there are those of " + known);
}

double ComparisonResult::mean_error() const {
  if (errors.empty()) return 0;
  const std::vector<bool> windows_counted = counted();
  double sum = 0, count = 0;
  for (const ErrorSeries& series : errors) {
    if (!series.judged()) continue;
    sum += series.mean(windows_counted);
    count += 1;
  }
  return sum / count;
}

std::vector<bool> ComparisonResult::counted() const {
  std::vector<bool> counted;
  bool any = false, all = true;
  for (const WindowRecord& window : windows) {
    counted.push_back(window.who == "surrogate");
    any |= counted.back();
    all &= counted.back();
  }
  return any && !all ? counted : std::vector<bool>{};
}

std::vector<std::size_t> ComparisonResult::lead_windows() const {
  const auto there = static_cast<long long>(times_s.size()) - 1;
  const long long all = std::max(asked_windows, there);
  std::vector<std::size_t> leads;
  for (const long long fifths : {1, 3, 5}) {
    const long long n = (all * fifths + 4) / 5;
    if (n < 1 || n > there || (!leads.empty() && leads.back() == static_cast<std::size_t>(n)))
      continue;
    leads.push_back(static_cast<std::size_t>(n));
  }
  return leads;
}

std::vector<std::size_t> ComparisonResult::hand_overs() const {
  std::vector<std::size_t> found;
  for (std::size_t n = 0; n < windows.size() && n + 1 < times_s.size(); ++n)
    if (windows[n].who == "surrogate" && (n == 0 || windows[n - 1].who != "surrogate"))
      found.push_back(n + 1);
  return found;
}

ComparisonResult::HandOver ComparisonResult::worst_hand_over() const {
  HandOver worst{"", std::numeric_limits<double>::quiet_NaN()};
  for (const std::size_t n : hand_overs())
    for (const ErrorSeries& series : errors)
      if (series.judged() && std::isfinite(series.rel_l2[n]) && !(series.rel_l2[n] <= worst.error))
        worst = {series.field, series.rel_l2[n], times_s[n]};
  return worst;
}

void ComparisonResult::set_walls(const std::vector<double>& truth,
                                 const std::vector<double>& replacement) {
  truth_walls_s = truth;
  replacement_walls_s = replacement;
  if (!truth.empty()) truth_wall_s = median(truth);
  if (!replacement.empty()) replacement_wall_s = median(replacement);
}

}  // namespace understudy::surrogates
