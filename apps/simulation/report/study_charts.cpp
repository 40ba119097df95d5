#include "apps/simulation/report/study_charts.hpp"

#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

/// The simulation's own errors, from window 1 on.
void add_own_errors(const surrogates::ComparisonResult& r, Chart& chart) {
  const auto& own = r.truth_error;
  if (!own.known()) return;
  chart.caption += " The simulation's own error is that beside a run of " + own.name + " cells.";
  for (std::size_t f = 0; f < own.fields.size(); ++f) {
    ChartSeries one{own.fields[f] + ", the simulation's own", "truth", {}, {}};
    for (std::size_t n = 1; n < r.times_s.size() && n <= own.errors[f].size(); ++n) {
      one.x.push_back(r.times_s[n]);
      one.y.push_back(own.errors[f][n - 1]);
    }
    add_series(chart, one);
  }
}

Chart error_chart(const surrogates::ComparisonResult& r) {
  Chart chart{.title = "Error over time",
              .section = "accuracy",
              .caption =
                  "Relative L2 error of the rollout, which never sees the truth again; grey: the "
                  "same error for the initial state left frozen" +
                  std::string(r.climatology.known ? ", and for the training samples' mean." : "."),
              .x = {"time [s]"},
              .y = {"relative L2 error", true}};
  int hue = 0;
  for (const surrogates::ErrorSeries& error : r.errors) {
    ChartSeries rollout{error.field, "replacement", r.times_s, error.rel_l2};
    ChartSeries frozen{error.field + ", frozen state", "frozen", r.times_s, error.persistence};
    ChartSeries mean{error.field + ", climatology", "frozen", r.times_s, error.climatology};
    rollout.hue = frozen.hue = mean.hue = hue++;
    add_series(chart, rollout);
    add_series(chart, frozen);
    if (!error.climatology.empty()) add_series(chart, mean);
  }
  add_own_errors(r, chart);
  return chart;
}

Chart correlation_chart(const ReportData& data) {
  const surrogates::ComparisonResult& r = data.result;
  Chart chart{.title = "Correlation of " + r.correlation.quantity + " over time",
              .section = "accuracy",
              .caption = "With the simulation's, at the points of each run's own grid.",
              .x = {"time [s]"},
              .y = {"correlation"}};
  const auto add = [&](const std::string& name, const char* kind,
                       const surrogates::CorrelationSeries& series) {
    ChartSeries one{name, kind, {}, series.values};
    for (std::size_t n = 0; n < series.values.size() && n < r.times_s.size(); ++n)
      one.x.push_back(r.times_s[n]);
    one.y.resize(one.x.size());
    add_series(chart, one);
  };
  add("replacement", "replacement", r.correlation);
  if (r.truth_error.known())
    add("simulation, with " + r.truth_error.name + " cells", "truth", r.truth_error.correlation);
  // Of many runs those as the deck has them, which looser ones differ little from; the table has all.
  constexpr std::size_t few = 8;
  const auto points = by_cost(r);
  for (const auto& point : points)
    if (points.size() <= few || point.name.find(',') == std::string::npos)
      add(point.name, "frozen", point.correlation);
  return chart;
}

/// Over the fields, at each time.
std::vector<double> mean_errors(const surrogates::ComparisonResult& r) {
  std::vector<double> mean(r.times_s.size(), 0);
  const auto judged = std::ranges::count_if(r.errors, &surrogates::ErrorSeries::judged);
  for (const auto& error : r.errors)
    for (std::size_t n = 0; n < mean.size() && error.judged(); ++n)
      mean[n] += error.rel_l2.at(n) / static_cast<double>(judged);
  return mean;
}

Chart contenders_chart(const ReportData& data) {
  Chart chart{.title = "Error of each model over time",
              .section = "contenders",
              .x = {"time [s]"},
              .y = {"mean relative L2 error", true}};
  int hue = 0;
  for (const ReportContender& c : data.contenders) {
    ChartSeries series{c.name, "replacement", c.result.times_s, mean_errors(c.result)};
    series.hue = hue++;
    add_series(chart, series);
  }
  return chart;
}

/// Lowest and highest of what was seen.
struct Span {
  double lowest = INFINITY, highest = 0;
  void add(double value) {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
};

Chart cost_error_chart(const ReportData& data) {
  Chart chart{
      .title = "Cost against error",
      .section = "accuracy",
      .caption =
          "Down and to the left is better; on the dashed line a classical run is as "
          "accurate as the replacement. Error: mean relative L2 error over fields and windows" +
          std::string(data.result.compared_windows().empty() ? "."
                                                             : " that the surrogate advanced."),
      .x = {"wall time of one run [s]", true},
      .y = {"error", true}};
  const surrogates::ComparisonResult& r = data.result;
  const std::vector<surrogates::ClassicalPoint> points = by_cost(r);
  ChartSeries classical{"classical runs", "classical", {}, {}, false, true};
  Span walls, errors;
  for (std::size_t n = 0; n < points.size(); ++n) {
    const surrogates::ClassicalPoint& point = points[n];
    if (!drawable(point.cost_s, true) || !drawable(point.error, true)) continue;
    classical.x.push_back(point.cost_s);
    classical.y.push_back(point.error);
    classical.point_labels.push_back(std::to_string(n + 1));  // the table below names it
    walls.add(point.cost_s);
    errors.add(point.error);
  }
  add_series(chart, classical);
  for (std::size_t n = 1; n < data.contenders.size(); ++n) {
    const ReportContender& c = data.contenders[n];
    if (c.result.replacement_failed) continue;  // no run of the compared span
    ChartSeries one{c.name,
                    "replacement",
                    {c.result.replacement_wall_s},
                    {c.result.mean_error(r.compared_windows())},
                    false,
                    true,
                    {c.name}};
    one.hue = static_cast<int>(n);
    add_series(chart, one);
  }
  if (r.replacement_wall_s > 0 && !r.replacement_failed) {
    const double wall_s = r.replacement_wall_s, error = r.mean_error();
    add_series(chart, {"replacement", "mark", {wall_s}, {error}, false, true, {"replacement"}});
    walls.add(wall_s);
    errors.add(error);
    if (!classical.x.empty()) {
      add_series(chart,
                 {"replacement's error", "frozen", {walls.lowest, walls.highest}, {error, error}});
    }
    const double own = r.truth_mean_error();
    if (drawable(own, true)) {
      errors.add(own);
      add_series(
          chart,
          {"the simulation's own error", "truth", {walls.lowest, r.truth_wall_s}, {own, own}});
    }
  }
  // The measure of all errors has none itself, hence no place on a log axis: a line at its cost.
  for (const surrogates::ClassicalPoint& point : points) {
    if (point.error != 0 || !drawable(errors.lowest, true) || chart.series.empty()) continue;
    add_series(chart, {point.name + " (error 0 by definition)",
                       "reference",
                       {point.cost_s, point.cost_s},
                       {errors.lowest / 2, errors.highest * 2}});
  }
  return chart;
}

/// Are all finite values the same but for round-off?
bool is_constant(const surrogates::DiagnosticSeries& d) {
  double lowest = INFINITY, highest = -INFINITY;
  for (const std::vector<double>* values : {&d.truth, &d.replacement}) {
    for (const double value : *values) {
      if (!std::isfinite(value)) continue;
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
    }
  }
  return highest - lowest <= 1e-9 * std::max(std::abs(lowest), std::abs(highest));
}

Chart diagnostic_chart(const surrogates::DiagnosticSeries& d, const ReportData& data) {
  Chart chart{
      .title = plain_name(d.name, data.app, d.unit),
      .section = "diagnostics",
      .caption = d.kind == solvers::DiagnosticKind::conserved ? "Conserved by the equations." : "",
      .x = {"time [s]"},
      .y = {d.unit == "1" ? "" : plain_unit(d.unit)}};
  if (is_constant(d)) {
    chart.y.from_zero = true;  // round-off is no curve
    chart.caption += " Constant but for round-off on both sides.";
  }
  add_series(chart, {"simulation", "truth", data.result.times_s, d.truth});
  add_series(chart, {"replacement", "replacement", data.result.times_s, d.replacement});
  return chart;
}

Chart spectrum_chart(const surrogates::Spectrum& s) {
  Chart chart{.title = core::format("{} at {:.4g} s", s.field, s.time_s),
              .section = "spectra",
              .x = {name_and_unit("wave number", "1/m"), true},
              .y = {"mean square", true}};
  add_series(chart, {"simulation", "truth", s.wave_number_per_m, s.truth});
  add_series(chart, {"replacement", "replacement", s.wave_number_per_m, s.replacement});
  return chart;
}

Chart profile_chart(const surrogates::Profile& p, const ReportData& data, bool variance) {
  const auto of = [&](const surrogates::ProfileMoments& m) {
    return variance ? m.variance : m.mean;
  };
  const std::string unit = plain_unit(p.unit);
  Chart chart{.title = core::format("{} of {}", variance ? "Variance" : "Mean", p.name),
              .section = "profiles",
              .x = {core::format("{} [m]", "xyz"[data.result.profile_axis])},
              .y = {variance && !unit.empty() ? "(" + unit + ")²" : unit}};
  add_series(chart, {"simulation", "truth", p.at_m, of(p.truth)});
  add_series(chart, {"replacement", "replacement", p.at_m, of(p.replacement)});
  return chart;
}

Chart portrait_chart(const Portrait& p, const ReportData& data) {
  const auto& all = data.result.diagnostics;
  const auto x = std::ranges::find(all, p.x, &surrogates::DiagnosticSeries::name);
  const auto y = std::ranges::find(all, p.y, &surrogates::DiagnosticSeries::name);
  if (x == all.end() || y == all.end()) return {};
  Chart chart{.title = p.title,
              .section = "spectra",
              .x = {name_and_unit(plain_name(p.x, data.app, x->unit), x->unit)},
              .y = {name_and_unit(plain_name(p.y, data.app, y->unit), y->unit)}};
  add_series(chart, {"simulation", "truth", x->truth, y->truth});
  add_series(chart, {"replacement", "replacement", x->replacement, y->replacement});
  return chart;
}

Chart training_chart(const ReportTraining& t) {
  Chart chart{
      .title = "Training", .section = "training", .x = {"epoch"}, .y = {"loss, error", true}};
  add_series(chart, {t.loss_name, "train", t.epoch, t.train_loss});
  ChartSeries validation{"rollout relative L2 on held-out runs", "validation", {}, {}, true, true};
  for (std::size_t n = 0; n < std::min(t.epoch.size(), t.validation_rollout.size()); ++n) {
    if (!drawable(t.validation_rollout[n], true)) continue;  // not measured in every epoch
    validation.x.push_back(t.epoch[n]);
    validation.y.push_back(t.validation_rollout[n]);
  }
  add_series(chart, validation);
  return chart;
}

}  // namespace

std::vector<surrogates::ClassicalPoint> by_cost(const surrogates::ComparisonResult& result) {
  std::vector<surrogates::ClassicalPoint> points = result.classical;
  std::erase_if(points, [](const auto& point) { return !point.refused.empty(); });
  if (result.truth_wall_s > 0) points.push_back({"full simulation", result.truth_wall_s, 0});
  std::ranges::sort(points, {}, &surrogates::ClassicalPoint::cost_s);
  return points;
}

std::vector<Chart> make_charts(const ReportData& data) {
  std::vector<Chart> charts;
  add_chart(charts, error_chart(data.result));
  if (!data.result.correlation.quantity.empty()) add_chart(charts, correlation_chart(data));
  add_chart(charts, cost_error_chart(data));
  add_chart(charts, contenders_chart(data));
  for (const auto& diagnostic : data.result.diagnostics)
    add_chart(charts, diagnostic_chart(diagnostic, data));
  for (const auto& spectrum : data.result.spectra) add_chart(charts, spectrum_chart(spectrum));
  for (const auto& profile : data.result.profiles)
    for (const bool variance : {false, true})
      add_chart(charts, profile_chart(profile, data, variance));
  for (const Portrait& portrait : data.portraits) add_chart(charts, portrait_chart(portrait, data));
  if (data.training) add_chart(charts, training_chart(*data.training));
  return charts;
}

}  // namespace understudy::apps::report
