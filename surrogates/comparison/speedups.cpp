// The three speed-ups from walls, costs and classical runs.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

double ErrorSeries::mean() const {
  if (rel_l2.size() < 2) return 0;
  double sum = 0;
  for (std::size_t n = 1; n < rel_l2.size(); ++n) sum += rel_l2[n];
  return sum / static_cast<double>(rel_l2.size() - 1);
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
  double sum = 0;
  for (const ErrorSeries& series : errors) sum += series.mean();
  return errors.empty() ? 0 : sum / static_cast<double>(errors.size());
}

namespace {

using Value = core::Maybe<double>;

// The runs that pay, from dear and accurate to cheap and rough: each is cheaper than every more
// accurate one and than the truth itself.
std::vector<ClassicalPoint> cost_error_curve(const ComparisonResult& r) {
  std::vector<ClassicalPoint> points = r.classical;
  std::erase_if(points, [&](const ClassicalPoint& p) {
    return !(p.cost_s > 0) || !(p.error > 0) || !std::isfinite(p.error) ||
           p.cost_s >= r.truth_wall_s;
  });
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return a.error != b.error ? a.error < b.error : a.cost_s < b.cost_s;
  });
  std::vector<ClassicalPoint> curve;
  for (const ClassicalPoint& p : points) {
    if (curve.empty() || p.cost_s < curve.back().cost_s) curve.push_back(p);
  }
  return curve;
}

// Cost of a classical run of that error, on the curve. Between two points log-log linear.
Value cost_at_error(const ComparisonResult& r, double error) {
  if (r.classical.empty()) return Value::none("no cheaper classical run was made");
  const std::vector<ClassicalPoint> curve = cost_error_curve(r);
  if (curve.empty())
    return Value::of(r.truth_wall_s, "no classical run was cheaper: the full run's cost is taken");
  if (error < curve.front().error)
    // The truth is the only run known to be as good: an upper bound of the classical cost.
    return {
        true, r.truth_wall_s,
        core::format("no cheaper run is as good (the best, {}, has {:.3g}): the full run's cost is "
                     "taken",
                     curve.front().name, curve.front().error)};
  if (error >= curve.back().error)
    return {
        true, curve.back().cost_s,
        core::format("the cheapest run made ({}) is better than the replacement; its cost is taken",
                     curve.back().name)};
  for (std::size_t n = 0; n + 1 < curve.size(); ++n) {
    const ClassicalPoint &a = curve[n], &b = curve[n + 1];
    if (error > b.error) continue;
    const double t = std::log(error / a.error) / std::log(b.error / a.error);
    return {true, std::exp((1 - t) * std::log(a.cost_s) + t * std::log(b.cost_s)),
            core::format("between {} and {}", a.name, b.name)};
  }
  return Value::none("the cost-error curve has no such error");
}

}  // namespace

void set_speedups(ComparisonResult& r) {
  Speedups& s = r.speedups;
  if (r.replacement_failed) {
    const auto failed = Value::none("the replacement failed: " + r.failure);
    s = {failed, failed, failed};
    return;
  }
  if (!(r.replacement_wall_s > 0) || !(r.truth_wall_s > 0)) {
    const auto none = Value::none("nothing was timed");
    s = {none, none, none};
    return;
  }
  s.same_grid = Value::of(r.truth_wall_s / r.replacement_wall_s);
  if (r.mean_error() <= 0) {
    s.equal_error = Value::none("the replacement's error is zero: it is the simulation");
  } else {
    s.equal_error = cost_at_error(r, r.mean_error());
    if (s.equal_error.known) s.equal_error.value /= r.replacement_wall_s;
  }
  const double saved_core_s = (r.truth_wall_s - r.replacement_wall_s) * r.cores;
  if (!(r.made_for_core_s > 0))
    s.break_even_runs = Value::none("the cost of data and training is not known");
  else if (saved_core_s <= 0)
    s.break_even_runs = Value::none("the replacement is not faster: it never pays back");
  else
    s.break_even_runs = Value::of(r.made_for_core_s / saved_core_s);
}

}  // namespace understudy::surrogates
