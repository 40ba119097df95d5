// What a comparison's series say: means, the windows that count, times of correlation.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Of values[from], values[from + 1]..., which are of windows 1, 2...; NaN where nothing counts.
double mean_over(const std::vector<double>& values, std::size_t from,
                 const std::vector<bool>& counted) {
  double sum = 0, count = 0;
  for (std::size_t n = from; n < values.size(); ++n) {
    if (std::isnan(values[n]) || (n - from < counted.size() && !counted[n - from])) continue;
    sum += values[n];
    count += 1;
  }
  return count > 0 ? sum / count : unknown;
}

}  // namespace

double ErrorSeries::mean(const std::vector<bool>& counted) const {
  return mean_over(rel_l2, 1, counted);
}

double ErrorSeries::final() const { return rel_l2.size() < 2 ? unknown : rel_l2.back(); }

double CorrelationSeries::time_below(double level, double window_s) const {
  const std::size_t nowhere = values.size();
  std::size_t before = nowhere;  // the last window where it is known
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (std::isnan(values[n])) continue;
    if (n > 0 && values[n] < level) {
      if (before == nowhere) return static_cast<double>(n) * window_s;
      const double fall = values[before] - values[n];
      const double part = fall > 0 ? std::clamp((values[before] - level) / fall, 0.0, 1.0) : 1;
      return (static_cast<double>(before) + part * static_cast<double>(n - before)) * window_s;
    }
    before = n;
  }
  return unknown;
}

std::size_t CorrelationSeries::last_known() const {
  for (std::size_t n = values.size(); n > 1; --n)
    if (!std::isnan(values[n - 1])) return n - 1;
  return 0;
}

double ClassicalPoint::mean_error(const std::vector<bool>& counted) const {
  double sum = 0, fields = 0;
  for (const auto& values : errors) {
    const double mean = mean_over(values, 0, counted);
    if (std::isnan(mean)) continue;
    sum += mean;
    fields += 1;
  }
  return fields > 0 ? sum / fields : unknown;
}

const ErrorSeries& ComparisonResult::error_of(const std::string& field) const {
  std::string known;
  for (const ErrorSeries& series : errors) {
    if (series.field == field) return series;
    known += (known.empty() ? "" : ", ") + series.field;
  }
  throw std::out_of_range("no errors of '" + field + "'; there are those of " + known);
}

double ComparisonResult::mean_error(const std::vector<bool>& counted) const {
  double sum = 0, count = 0;
  for (const ErrorSeries& series : errors) {
    if (!series.judged()) continue;
    const double mean = series.mean(counted);
    if (std::isnan(mean)) continue;  // the field is zero in these windows
    sum += mean;
    count += 1;
  }
  return count > 0 ? sum / count : unknown;
}

std::vector<bool> ComparisonResult::counted() const {
  std::vector<bool> counted;
  bool any = false, all = true;
  // The window in which a replacement failed has no error.
  for (std::size_t n = 0; n < windows.size() && n + 1 < times_s.size(); ++n) {
    counted.push_back(windows[n].who == "surrogate");
    any |= counted.back();
    all &= counted.back();
  }
  return any && !all ? counted : std::vector<bool>{};
}

std::vector<bool> ComparisonResult::compared_windows() const {
  return replacement_failed ? std::vector<bool>{} : counted();
}

double ComparisonResult::truth_rate() const {
  double wall_s = truth_wall_s;
  // The updates end with the replacement, repeated timings do not.
  if (replacement_failed) {
    wall_s = 0;
    for (const WindowRecord& window : windows) wall_s += window.truth_wall_s;
  }
  return wall_s > 0 ? truth_cell_updates / wall_s : unknown;
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
  HandOver worst{"", unknown};
  for (const std::size_t n : hand_overs())
    for (const ErrorSeries& series : errors)
      if (series.judged() && n < series.rel_l2.size() && std::isfinite(series.rel_l2[n]) &&
          !(series.rel_l2[n] <= worst.error))
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

std::optional<BetterModel> better_model(const ComparisonResult& result,
                                        const std::vector<const ComparisonResult*>& others) {
  const std::vector<bool> counted = result.compared_windows();
  const double own = result.replacement_failed ? unknown : result.mean_error(counted);
  if (result.within_truth(own)) return {};
  const double truth_own = result.truth_mean_error(), floor = truth_own > 0 ? truth_own : 0;
  std::optional<BetterModel> best;
  for (std::size_t n = 0; n < others.size(); ++n) {
    if (others[n]->replacement_failed) continue;
    const double error = others[n]->mean_error(counted);
    // By less than that one comparison tells nothing.
    constexpr double margin = 1.05;
    if (std::isnan(error) || (!result.replacement_failed && !(margin * error < own))) continue;
    if (!best || error < best->error) best = BetterModel{n, error, own, floor};
  }
  return best;
}

}  // namespace understudy::surrogates
