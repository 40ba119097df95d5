#include "apps/simulation/report/study_charts.hpp"

#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"

namespace understudy::apps::report {

namespace {

Chart error_chart(const ReportData& data) {
  Chart chart{.title = "Error over time",
              .section = "accuracy",
              .caption =
                  "Relative L2 error of the rollout, which never sees the truth again; grey: the "
                  "same error for the initial state left frozen.",
              .x = {"time [s]"},
              .y = {"relative L2 error", true}};
  int hue = 0;
  for (const ReportError& error : data.errors) {
    ChartSeries rollout{error.field, "replacement", error.time_s, error.rel_l2};
    ChartSeries frozen{error.field + ", frozen state", "frozen", error.time_s, error.persistence};
    rollout.hue = frozen.hue = hue++;
    add_series(chart, rollout);
    add_series(chart, frozen);
  }
  return chart;
}

Chart contenders_chart(const ReportData& data) {
  Chart chart{.title = "Error of each model over time",
              .section = "contenders",
              .x = {"time [s]"},
              .y = {"mean relative L2 error", true}};
  int hue = 0;
  for (const ReportContender& c : data.contenders) {
    ChartSeries series{c.name, "replacement", c.time_s, c.error};
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
  Chart chart{.title = "Cost against error",
              .section = "accuracy",
              .caption =
                  "Down and to the left is better; on the dashed line a classical run is as "
                  "accurate as the replacement. Error: " +
                  data.cost_error_name + ".",
              .x = {"wall time of one run [s]", true},
              .y = {"error", true}};
  const std::vector<ReportCostPoint> points = by_cost(data.classical_points);
  ChartSeries classical{"classical runs", "classical", {}, {}, false, true};
  Span walls, errors;
  for (std::size_t n = 0; n < points.size(); ++n) {
    const ReportCostPoint& point = points[n];
    if (!drawable(point.wall_s, true) || !drawable(point.error, true)) continue;
    classical.x.push_back(point.wall_s);
    classical.y.push_back(point.error);
    classical.point_labels.push_back(std::to_string(n + 1));  // the table below names it
    walls.add(point.wall_s);
    errors.add(point.error);
  }
  add_series(chart, classical);
  for (std::size_t n = 1; n < data.contenders.size(); ++n) {
    const ReportContender& c = data.contenders[n];
    ChartSeries one{c.name, "replacement", {c.wall_s}, {c.mean_error}, false, true, {c.name}};
    one.hue = static_cast<int>(n);
    add_series(chart, one);
  }
  if (data.replacement_point) {
    const ReportCostPoint& mark = *data.replacement_point;
    add_series(chart,
               {"replacement", "mark", {mark.wall_s}, {mark.error}, false, true, {mark.label}});
    walls.add(mark.wall_s);
    errors.add(mark.error);
    if (!classical.x.empty()) {
      add_series(chart, {"replacement's error",
                         "frozen",
                         {walls.lowest, walls.highest},
                         {mark.error, mark.error}});
    }
  }
  // The measure of all errors has none itself, hence no place on a log axis: a line at its cost.
  for (const ReportCostPoint& point : points) {
    if (point.error != 0 || !drawable(errors.lowest, true) || chart.series.empty()) continue;
    add_series(chart, {point.label + " (error 0 by definition)",
                       "reference",
                       {point.wall_s, point.wall_s},
                       {errors.lowest / 2, errors.highest * 2}});
  }
  return chart;
}

/// Are all finite values the same but for round-off?
bool is_constant(const ReportDiagnostic& d) {
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

Chart diagnostic_chart(const ReportDiagnostic& d, const std::string& app) {
  Chart chart{.title = plain_name(d.name, app),
              .section = "diagnostics",
              .caption = d.kind == "conserved" ? "Conserved by the equations." : "",
              .x = {"time [s]"},
              .y = {d.unit == "1" ? "" : plain_unit(d.unit)}};
  if (is_constant(d)) {
    chart.y.from_zero = true;  // round-off is no curve
    chart.caption += " Constant but for round-off on both sides.";
  }
  add_series(chart, {"simulation", "truth", d.truth_time_s, d.truth});
  add_series(chart, {"replacement", "replacement", d.replacement_time_s, d.replacement});
  return chart;
}

Chart spectrum_chart(const ReportSpectrum& s) {
  Chart chart{.title = s.title,
              .section = "spectra",
              .x = {name_and_unit(s.x_name, s.x_unit), s.log_x},
              .y = {name_and_unit(s.y_name, s.y_unit), true}};
  add_series(chart, {"simulation", "truth", s.truth_x, s.truth});
  add_series(chart, {"replacement", "replacement", s.replacement_x, s.replacement});
  return chart;
}

Chart portrait_chart(const ReportPortrait& p, const std::string& app) {
  Chart chart{.title = p.title,
              .section = "spectra",
              .x = {name_and_unit(plain_name(p.x_name, app), p.x_unit)},
              .y = {name_and_unit(plain_name(p.y_name, app), p.y_unit)}};
  add_series(chart, {"simulation", "truth", p.truth_x, p.truth_y});
  add_series(chart, {"replacement", "replacement", p.replacement_x, p.replacement_y});
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

std::vector<ReportCostPoint> by_cost(std::vector<ReportCostPoint> points) {
  std::ranges::sort(points, {}, &ReportCostPoint::wall_s);
  return points;
}

std::vector<Chart> make_charts(const ReportData& data) {
  std::vector<Chart> charts;
  add_chart(charts, error_chart(data));
  add_chart(charts, cost_error_chart(data));
  add_chart(charts, contenders_chart(data));
  for (const ReportDiagnostic& diagnostic : data.diagnostics) {
    add_chart(charts, diagnostic_chart(diagnostic, data.app));
  }
  for (const ReportSpectrum& spectrum : data.spectra) add_chart(charts, spectrum_chart(spectrum));
  for (const ReportPortrait& portrait : data.portraits)
    add_chart(charts, portrait_chart(portrait, data.app));
  if (data.training) add_chart(charts, training_chart(*data.training));
  return charts;
}

}  // namespace understudy::apps::report
