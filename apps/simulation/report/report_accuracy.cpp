// The report's section on accuracy: errors, those of forecasts that need no model, classical runs.
#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

/// The simulation's own error of a field, over the windows that count.
std::string own_error_cell(const surrogates::ComparisonResult& r,
                           const surrogates::ErrorSeries& error) {
  const auto& own = r.truth_error;
  const auto at = std::ranges::find(own.fields, error.field);
  if (at == own.fields.end()) return "–";
  surrogates::ClassicalPoint one;
  one.errors = {own.errors.at(static_cast<std::size_t>(at - own.fields.begin()))};
  const double mean = one.mean_error(r.compared_windows());
  if (!std::isfinite(mean)) return "–";
  return percent(mean) + (!r.replacement_failed && error.mean(r.counted()) < mean
                              ? " <span class=\"aside\">within the truth's own error</span>"
                              : "");
}

/// Mean and final error of each field, beside those of the frozen state. Windows that the simulation
/// advanced itself are no part of means, as in the verdict.
std::string error_table(const surrogates::ComparisonResult& r) {
  const std::vector<surrogates::ErrorSeries>& errors = r.errors;
  if (errors.empty()) return "";
  const std::vector<bool> counted = r.counted();
  std::vector<std::vector<std::string>> rows{
      {"Field", "Mean", "Median", "Largest", "Final", "Frozen state, mean"}};
  const bool truth = r.truth_error.known();
  if (truth) rows.front().push_back("Simulation's own, mean");
  for (const surrogates::ErrorSeries& error : errors) {
    std::vector<double> values, frozen;
    double last = std::nan(""), largest = std::nan("");
    for (std::size_t n = 1; n < error.rel_l2.size(); ++n) {
      if (!std::isfinite(error.rel_l2[n])) continue;
      last = error.rel_l2[n];
      if (!(last <= largest)) largest = last;
      if (n <= counted.size() && !counted[n - 1]) continue;
      values.push_back(error.rel_l2[n]);
      if (n < error.persistence.size()) frozen.push_back(error.persistence[n]);
    }
    const auto mean = [](const std::vector<double>& list) {
      double sum = 0;
      for (const double value : list) sum += value;
      return list.empty() ? std::nan("") : sum / static_cast<double>(list.size());
    };
    rows.push_back({escape(error.field), percent(mean(values)), percent(surrogates::median(values)),
                    percent(largest), percent(last),
                    error.persistence.empty() ? "–" : percent(mean(frozen))});
    if (std::isnan(last) && !error.judged())
      rows.back() = {escape(error.field), "none", "none", "none", "none", "–"};
    if (truth) rows.back().push_back(own_error_cell(r, error));
  }
  std::string notes;
  if (!counted.empty())
    notes = core::format(
        "<p class=\"note\">Means and medians are over the {} of {} windows that the surrogate "
        "advanced.</p>\n",
        std::ranges::count(counted, true), counted.size());
  for (const surrogates::ErrorSeries& error : errors)
    if (!error.judged())
      notes += core::format(
          "<p class=\"note\">{} is zero in the simulation: its error is relative to {}, "
          "and no part of means over fields.</p>\n",
          escape(error.field), escape(error.relative_to));
  return table(rows, "numbers") + notes;
}

/// "1 day", "2.5 days"; shorter times in seconds.
std::string lead_text(double seconds) {
  constexpr double day_s = 86400;
  if (seconds < day_s / 2) return number(seconds, 4) + " s";
  return number(seconds / day_s, 3) + (seconds == day_s ? " day" : " days");
}

/// Errors at a few times beside those of a forecast that needs no model.
std::string lead_table(const surrogates::ComparisonResult& r) {
  const auto leads = r.lead_windows();
  if (leads.empty() || r.errors.empty()) return "";
  std::vector<std::vector<std::string>> rows{
      {"Field", "After", "Replacement", "Frozen state", "Climatology"}};
  const auto at = [](const std::vector<double>& series, std::size_t n) {
    return n < series.size() && std::isfinite(series[n]) ? percent(series[n]) : std::string("–");
  };
  for (const surrogates::ErrorSeries& error : r.errors)
    for (const std::size_t n : leads)
      rows.push_back({escape(error.field), lead_text(r.times_s[n] - r.times_s[0]),
                      at(error.rel_l2, n), at(error.persistence, n), at(error.climatology, n)});
  const std::string note = r.climatology.known
                               ? "Climatology is " + r.climatology.value + "."
                               : "No climatology: " + without_stop(r.climatology.reason) + ".";
  return table(rows, "numbers") + "<p class=\"note\">" + escape(note) + "</p>\n";
}

std::string classical_speedup(const surrogates::ComparisonResult& r,
                              const surrogates::ClassicalPoint& point) {
  surrogates::Scatter scatter;
  for (std::size_t n = 0; n < std::min(point.walls_s.size(), r.truth_walls_s.size()); ++n) {
    const double ratio = r.truth_walls_s[n] / point.walls_s[n];
    scatter.lowest = n ? std::min(scatter.lowest, ratio) : ratio;
    scatter.highest = n ? std::max(scatter.highest, ratio) : ratio;
    scatter.repeats += 1;
  }
  const double ratio = r.truth_wall_s / point.cost_s;
  return point.error == 0 ? "1 ×" : rounded(ratio, scatter.digits(ratio)) + " ×";
}

/// Times until the correlation falls below each level.
std::vector<std::string> correlation_cells(const surrogates::ComparisonResult& r,
                                           const surrogates::CorrelationSeries& series) {
  std::vector<std::string> cells;
  if (r.correlation.quantity.empty()) return cells;
  for (const double level : surrogates::CorrelationSeries::levels) {
    const double time_s = series.time_below(level, r.window_s);
    const double known_s = static_cast<double>(series.last_known()) * r.window_s;
    const char* beyond = r.beyond_truth(series, level)
                             ? " <span class=\"aside\">beyond the simulation's own</span>"
                             : "";
    cells.push_back(series.values.empty() ? "–"
                    : known_s == 0        ? "not measured"
                    : std::isnan(time_s)  ? "&gt; " + number(known_s, 3) + " s"
                                          : number(time_s, 3) + " s");
    cells.back() += beyond;
  }
  return cells;
}

/// An error, with what is to be said where it is below the simulation's own (NaN: not known).
std::string measure_cell(double error, double truth) {
  if (!std::isfinite(error)) return "–";
  return percent(error) +
         (error < truth ? " <span class=\"aside\">within the truth's own error</span>" : "");
}

/// The measures beside the error of fields that a comparison has, by their columns.
class MeasureColumns {
 public:
  explicit MeasureColumns(const surrogates::ComparisonResult& r) : r_(r) {
    if (!r.statistics.empty()) names_.emplace_back("Error of mean and deviation");
    if (!r.profiles.empty()) names_.emplace_back("Error of profiles");
    if (!r.spectra.empty()) names_.emplace_back("Error of spectra");
    truth_ = r.truth_error.known() ? errors(r.truth_error)
                                   : std::vector<double>(names_.size(), std::nan(""));
  }

  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::string> of(const surrogates::ClassicalPoint& point) const {
    return cells(errors(point));
  }
  std::vector<std::string> of_replacement() const {
    return cells(there(r_.statistics_error(), r_.profiles_error(), r_.spectra_error()));
  }

 private:
  std::vector<double> there(double statistics, double profiles, double spectra) const {
    std::vector<double> errors;
    if (!r_.statistics.empty()) errors.push_back(statistics);
    if (!r_.profiles.empty()) errors.push_back(profiles);
    if (!r_.spectra.empty()) errors.push_back(spectra);
    return errors;
  }
  std::vector<double> errors(const surrogates::ClassicalPoint& point) const {
    return there(r_.statistics_error(point.statistics, r_.compared_windows()), point.profiles_error,
                 point.spectra_error);
  }
  std::vector<std::string> cells(const std::vector<double>& errors) const {
    std::vector<std::string> cells;
    for (std::size_t n = 0; n < errors.size(); ++n)
      cells.push_back(measure_cell(errors[n], truth_[n]));
    return cells;
  }

  const surrogates::ComparisonResult& r_;
  std::vector<std::string> names_;
  std::vector<double> truth_;
};

/// A run's mean error, with what is to be said where it is below the simulation's own.
std::string error_cell(const surrogates::ComparisonResult& r, double error) {
  return percent(error) + (r.within_truth(error) ? " <span class=\"aside\">within the truth's own "
                                                   "error</span>"
                                                 : "");
}

/// What the numbers in the cost-error chart are.
std::string classical_table(const surrogates::ComparisonResult& r) {
  const auto points = by_cost(r);
  const MeasureColumns measures(r);
  // Without any run there are still the simulation's own errors, correlation and statistics, which stand here alone.
  if (points.empty() && !r.truth_error.known() && r.correlation.quantity.empty() &&
      measures.names().empty())
    return "";
  std::vector<std::vector<std::string>> rows{
      {"", "Classical run", "Wall time", "Error", "Speed-up"}};
  const bool correlated = !r.correlation.quantity.empty();
  const auto add = [&](std::vector<std::string> row, const std::vector<std::string>& more) {
    row.insert(row.end(), more.begin(), more.end());
    rows.push_back(std::move(row));
  };
  if (correlated)
    for (const double level : surrogates::CorrelationSeries::levels)
      rows.front().push_back(
          core::format("{} correlated to {}", escape(r.correlation.quantity), level));
  rows.front().insert(rows.front().end(), measures.names().begin(), measures.names().end());
  const auto more = [&](const surrogates::CorrelationSeries& series,
                        const std::vector<std::string>& errors) {
    auto cells = correlation_cells(r, series);
    cells.insert(cells.end(), errors.begin(), errors.end());
    return cells;
  };
  const auto of_point = [&](const surrogates::ClassicalPoint& point) {
    return more(point.correlation, measures.of(point));
  };
  for (const surrogates::ClassicalPoint& point : points)
    add({std::to_string(rows.size()), escape(point.name), duration(point.cost_s),
         point.error == 0 ? "–" : error_cell(r, point.error), classical_speedup(r, point)},
        of_point(point));
  if (r.truth_error.known())
    add({"–", "the simulation itself, beside " + escape(r.truth_error.name) + " cells", "–",
         std::isfinite(r.truth_mean_error()) ? percent(r.truth_mean_error()) : "–", "–"},
        of_point(r.truth_error));
  const double error = r.mean_error();
  const bool with_replacement = correlated || !measures.names().empty();
  if (with_replacement && r.replacement_failed)
    add({"–", "the replacement <span class=\"aside\">failed</span>", "–",
         std::isfinite(error) ? percent(error) : "–", "–"},
        more(r.correlation, measures.of_replacement()));
  else if (with_replacement)
    add({"–", "the replacement", duration(r.replacement_wall_s), error_cell(r, error),
         rounded(r.truth_wall_s / r.replacement_wall_s, 2) + " ×"},
        more(r.correlation, measures.of_replacement()));
  std::string above;
  for (const surrogates::ClassicalPoint& point : r.classical) {
    if (point.refused.empty()) continue;
    const std::string why =
        point.refused == above ? "refused, as above" : "refused: " + without_stop(point.refused);
    rows.push_back({"–", escape(point.name) + " <span class=\"aside\">" + escape(why) + "</span>",
                    "–", "–", "–"});
    if (correlated) rows.back().insert(rows.back().end(), {"–", "–"});
    rows.back().insert(rows.back().end(), measures.names().size(), "–");
    above = point.refused;
  }
  return table(rows, "numbers classical");
}

}  // namespace

std::string accuracy_section(const ReportData& data, const std::vector<Chart>& charts) {
  // With columns for times of correlation or statistics the classical runs need the page's width.
  const bool wide = !data.result.correlation.quantity.empty() || !data.result.statistics.empty() ||
                    !data.result.profiles.empty() || !data.result.spectra.empty();
  const std::string errors = error_table(data.result) + lead_table(data.result),
                    runs = classical_table(data.result);
  const std::string tables =
      wide ? errors + runs
           : "<div class=\"beside\"><div>" + errors + "</div><div>" + runs + "</div></div>\n";
  return section("Accuracy", chart_figures(charts, "accuracy") + tables);
}

}  // namespace understudy::apps::report
