// The three speed-ups from walls, costs and classical runs.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

namespace {

double level_of(EqualIn equal_in) {
  return CorrelationSeries::levels[equal_in == EqualIn::correlation_95 ? 0 : 1];
}

// 1 / time; 0: it does not fall below the level.
double loss_of(const CorrelationSeries& series, EqualIn equal_in, double window_s) {
  if (series.last_known() == 0) return std::numeric_limits<double>::quiet_NaN();
  const double time_s = series.time_below(level_of(equal_in), window_s);
  return std::isnan(time_s) ? 0 : 1 / std::max(time_s, 1e-3 * window_s);
}

}  // namespace

double ComparisonResult::judged_by() const {
  if (equal_in == EqualIn::statistics) return statistics_error();
  if (equal_in == EqualIn::profiles) return profiles_error();
  if (equal_in == EqualIn::spectra) return spectra_error();
  return equal_in == EqualIn::error ? mean_error() : loss_of(correlation, equal_in, window_s);
}

double ComparisonResult::judged_by(const ClassicalPoint& point) const {
  if (equal_in == EqualIn::statistics)
    return statistics_error(point.statistics, compared_windows());
  if (equal_in == EqualIn::profiles) return point.profiles_error;
  if (equal_in == EqualIn::spectra) return point.spectra_error;
  return equal_in == EqualIn::error ? point.error : loss_of(point.correlation, equal_in, window_s);
}

double ComparisonResult::truth_mean_error() const {
  return truth_error.known() ? truth_error.mean_error(compared_windows())
                             : std::numeric_limits<double>::quiet_NaN();
}

namespace {

// The truth's own error in what is to be equal; NaN: not known.
double floor_of(const ComparisonResult& r) {
  return r.equal_in == EqualIn::error ? r.truth_mean_error() : r.judged_by(r.truth_error);
}

}  // namespace

double ComparisonResult::read_at() const {
  const double own = judged_by();
  if (!truth_error.known()) return own;
  const double floor = floor_of(*this);
  return floor > own ? floor : own;
}

bool ComparisonResult::statistics_within_truth(double error) const {
  return truth_error.known() &&
         error < statistics_error(truth_error.statistics, compared_windows());
}

bool ComparisonResult::beyond_truth(const CorrelationSeries& series, double level) const {
  if (!truth_error.known() || series.last_known() == 0) return false;
  const double truth_s = truth_error.correlation.time_below(level, window_s);
  const double time_s = series.time_below(level, window_s);
  // What does not fall is known to the end of the series only.
  const double followed_s =
      std::isnan(time_s) ? static_cast<double>(series.last_known()) * window_s : time_s;
  return followed_s > truth_s;
}

namespace {

using Value = core::Maybe<double>;

// What one timing of everything says; repeat -1: the medians.
struct Walls {
  double truth_s, replacement_s;
  std::vector<ClassicalPoint> classical;  ///< those that were made
};

enum class Methods { all, own };

Walls walls_of(const ComparisonResult& r, int repeat, Methods methods = Methods::all) {
  Walls w{r.truth_wall_s, r.replacement_wall_s, {}};
  const auto at = static_cast<std::size_t>(std::max(0, repeat));
  if (repeat >= 0) {
    w.truth_s = r.truth_walls_s.at(at);
    w.replacement_s = r.replacement_walls_s.at(at);
  }
  for (ClassicalPoint p : r.classical) {
    if (!p.refused.empty() || (methods == Methods::own && p.other_method)) continue;
    if (repeat >= 0 && at < p.walls_s.size()) p.cost_s = p.walls_s[at];
    p.error = r.judged_by(p);
    // Without any error it was the full run again; of times, 0 is one that does not end.
    if (!is_time(r.equal_in) && p.error == 0) continue;
    w.classical.push_back(std::move(p));
  }
  return w;
}

// The runs that pay, from dear and accurate to cheap and rough: each is cheaper than every more
// accurate one and than the truth itself.
std::vector<ClassicalPoint> cost_error_curve(const Walls& w) {
  std::vector<ClassicalPoint> points = w.classical;
  std::erase_if(points, [&](const ClassicalPoint& p) {
    return !(p.cost_s > 0) || !(p.error >= 0) || !std::isfinite(p.error) || p.cost_s >= w.truth_s;
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

// What is judged, in words.
std::string measured(EqualIn equal_in, double value) {
  return is_time(equal_in) ? core::format("is followed for {:.3g} s", 1 / value)
                           : core::format("has {:.3g}", value);
}

struct Cost {
  Value value;
  bool at_most = false;  ///< a classical run that was not made may cost less
};

// Cost of a classical run of that error, which is `whose`, on the curve. Between two points log-log linear.
Cost cost_at_error(const Walls& w, double error, EqualIn equal_in, const char* whose) {
  const std::vector<ClassicalPoint> curve = cost_error_curve(w);
  if (curve.empty())
    return {Value::of(w.truth_s, "no classical run was cheaper: the full run's cost is taken")};
  if (error < curve.front().error)
    // The truth is the only run known to be as good: an upper bound of the classical cost.
    return {
        {true, w.truth_s,
         core::format("no cheaper run is as good (the best, {}, {}): the full run's cost is taken",
                      curve.front().name, measured(equal_in, curve.front().error))},
        true};
  const ClassicalPoint& cheapest = curve.back();
  if (error == cheapest.error) return {Value::of(cheapest.cost_s, cheapest.name)};
  if (error > cheapest.error)
    return {{true, cheapest.cost_s,
             core::format("the cheapest run made ({}) is {:.3g} times as accurate as {}; its "
                          "cost is taken",
                          cheapest.name, error / cheapest.error, whose)},
            true};
  for (std::size_t n = 0; n + 1 < curve.size(); ++n) {
    const ClassicalPoint &a = curve[n], &b = curve[n + 1];
    if (error > b.error) continue;
    // As good as could be told: nothing to interpolate from.
    if (a.error <= 0)
      return {{true, a.cost_s, core::format("as long as {} at least", a.name)}, true};
    const double t = std::log(error / a.error) / std::log(b.error / a.error);
    return {{true, std::exp((1 - t) * std::log(a.cost_s) + t * std::log(b.cost_s)),
             core::format("between {} and {}", a.name, b.name)}};
  }
  return {Value::none("the cost-error curve has no such error")};
}

// Whose error the figure is read at.
const char* whose_error(const ComparisonResult& r) {
  return r.read_at() > r.judged_by() ? "the simulation itself" : "the replacement";
}

// What is said where the replacement's error is below the simulation's own, or that is missing; empty elsewhere.
std::string limited_text(const ComparisonResult& r) {
  const double own = r.judged_by(), at = r.read_at();
  if (r.truth_error.known() && std::isnan(floor_of(r)))
    return core::format("the simulation's own error in it, beside {} cells, could not be measured",
                        r.truth_error.name);
  if (!(at > own)) return "";
  if (!is_time(r.equal_in))
    return core::format(
        "read at the simulation's own error, {:.3g} beside a run of {} cells, as the replacement's ({:.3g}) is "
        "within it",
        at, r.truth_error.name, own);
  return core::format(
      "read at {:.3g} s, until when the simulation follows a run of {} cells: how much longer the "
      "replacement is right than that is not known",
      1 / at, r.truth_error.name);
}

// The refused runs in words, the first of them by name; empty for none.
std::string refused_text(const ComparisonResult& r, Methods methods = Methods::all) {
  constexpr int named = 3;
  std::string names;
  int count = 0, asked = 0;
  for (const ClassicalPoint& p : r.classical) {
    if (methods == Methods::own && p.other_method) continue;
    ++asked;
    if (p.refused.empty()) continue;
    if (count < named) names += (count ? "; " : "") + p.name;
    ++count;
  }
  if (count > named) names += core::format("; and {} more", count - named);
  return count == 0
             ? ""
             : core::format("{} of {} classical runs could not be made ({})", count, asked, names);
}

void set_equal_error(ComparisonResult& r) {
  Speedups& s = r.speedups;
  const double own = r.judged_by(), error = r.read_at();
  const bool by_time = is_time(r.equal_in);
  if (by_time && std::isnan(own)) {
    s.equal_error = Value::none("no correlation was measured");
    return;
  }
  if (by_time && error <= 0) {
    s.equal_error = Value::none(
        core::format("the correlation of {} does not fall below {} in {} windows: compare longer",
                     r.correlation.quantity, level_of(r.equal_in), r.stable_windows()));
    return;
  }
  if (std::isnan(own) && r.equal_in == EqualIn::statistics) {
    s.equal_error = Value::none("mean and deviation of no named diagnostic are known");
    return;
  }
  if (std::isnan(own) && (r.equal_in == EqualIn::profiles || r.equal_in == EqualIn::spectra)) {
    s.equal_error =
        Value::none(r.equal_in == EqualIn::profiles ? "no profile of mean or variance is known"
                                                    : "no energy spectrum is known");
    return;
  }
  if (std::isnan(own)) {
    s.equal_error = Value::none("the simulation's fields are zero: there is no error to be equal");
    return;
  }
  if (!by_time && own <= 0) {
    s.equal_error = Value::none("the replacement's error is zero: it is the simulation");
    return;
  }
  if (r.classical.empty()) {
    s.equal_error = Value::none("no cheaper classical run was made");
    return;
  }
  const Walls all = walls_of(r, -1);
  const std::string refused = refused_text(r);
  if (all.classical.empty()) {
    s.equal_error = Value::none("not known: " + refused);
    return;
  }
  const Cost cost = cost_at_error(all, error, r.equal_in, whose_error(r));
  s.equal_error = cost.value;
  // What was refused may lie anywhere on the curve beyond the runs that were made.
  s.equal_error_at_most = cost.at_most || (!refused.empty() && cost.value.value >= r.truth_wall_s);
  if (!cost.value.known) return;
  s.equal_error.value /= r.replacement_wall_s;
  const std::string limited = limited_text(r);
  if (!limited.empty())
    s.equal_error.reason += (s.equal_error.reason.empty() ? "" : "; ") + limited;
  if (!refused.empty()) s.equal_error.reason += "; " + refused;
}

// What is known of all methods is asked of the solver's own alone.
void set_own_method(ComparisonResult& r) {
  Speedups& s = r.speedups;
  const auto competes = [](const ClassicalPoint& p) { return p.refused.empty() && p.other_method; };
  if (!s.equal_error.known || std::ranges::none_of(r.classical, competes)) return;
  const Walls own = walls_of(r, -1, Methods::own);
  const std::string refused = refused_text(r, Methods::own);
  // The full run alone would say nothing but the speed-up on the same grid.
  if (own.classical.empty()) {
    s.own_method =
        Value::none(refused.empty() ? "no classical run of the deck's own solver was made"
                                    : "not known: " + refused);
    return;
  }
  const Cost cost = cost_at_error(own, r.read_at(), r.equal_in, whose_error(r));
  s.own_method = cost.value;
  s.own_method_at_most = cost.at_most || (!refused.empty() && cost.value.value >= r.truth_wall_s);
  if (!cost.value.known) return;
  s.own_method.value /= r.replacement_wall_s;
  if (!refused.empty()) s.own_method.reason += (s.own_method.reason.empty() ? "" : "; ") + refused;
}

void widen(Scatter& scatter, double value) {
  scatter.lowest = scatter.repeats == 0 ? value : std::min(scatter.lowest, value);
  scatter.highest = scatter.repeats == 0 ? value : std::max(scatter.highest, value);
  scatter.repeats += 1;
}

// Each repeat is a comparison of its own.
void set_scatter(ComparisonResult& r) {
  Speedups& s = r.speedups;
  const auto repeats = std::min(r.truth_walls_s.size(), r.replacement_walls_s.size());
  for (std::size_t n = 0; n < repeats && repeats > 1; ++n) {
    const Walls w = walls_of(r, static_cast<int>(n));
    widen(s.same_grid_scatter, w.truth_s / w.replacement_s);
    if (s.equal_error.known) {
      const Cost cost = cost_at_error(w, r.read_at(), r.equal_in, whose_error(r));
      if (cost.value.known) widen(s.equal_error_scatter, cost.value.value / w.replacement_s);
    }
    if (s.own_method.known) {
      const Cost cost = cost_at_error(walls_of(r, static_cast<int>(n), Methods::own), r.read_at(),
                                      r.equal_in, whose_error(r));
      if (cost.value.known) widen(s.own_method_scatter, cost.value.value / w.replacement_s);
    }
    const double saved_core_s = (w.truth_s - w.replacement_s) * r.cores;
    if (s.break_even_runs.known)
      widen(s.break_even_scatter, saved_core_s > 0 ? r.made_for_core_s / saved_core_s : INFINITY);
  }
}

}  // namespace

void set_speedups(ComparisonResult& r) {
  const auto compared = r.compared_windows();
  for (ClassicalPoint& point : r.classical)
    if (!point.errors.empty()) point.error = point.mean_error(compared);
  r.truth_error.error = r.truth_mean_error();
  Speedups& s = r.speedups;
  s = {};
  if (r.replacement_failed) {
    const auto failed = Value::none("the replacement failed: " + r.failure);
    s.same_grid = s.equal_error = s.break_even_runs = failed;
    return;
  }
  if (!(r.replacement_wall_s > 0) || !(r.truth_wall_s > 0)) {
    s.same_grid = s.equal_error = s.break_even_runs = Value::none("nothing was timed");
    return;
  }
  s.same_grid = Value::of(r.truth_wall_s / r.replacement_wall_s);
  set_equal_error(r);
  set_own_method(r);
  const double saved_core_s = (r.truth_wall_s - r.replacement_wall_s) * r.cores;
  if (!(r.made_for_core_s > 0))
    s.break_even_runs = Value::none("the cost of data and training is not known");
  else if (saved_core_s <= 0)
    s.break_even_runs = Value::none("the replacement is not faster: it never pays back");
  else
    s.break_even_runs = Value::of(r.made_for_core_s / saved_core_s);
  set_scatter(r);
}

}  // namespace understudy::surrogates
