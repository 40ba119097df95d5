// The charts of a physics-informed network's report: losses, errors, unknown numbers, profiles, cost.
#include <algorithm>
#include <cmath>

#include "apps/pinn/pinn_report.hpp"
#include "apps/report/report_format.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

using namespace report;
using Line = pinn::HistoryLine;

// A curve of `values`, a list in each line, at `index`.
ChartSeries curve(const std::string& label, const std::vector<Line>& history,
                  std::vector<double> Line::* values, std::size_t index) {
  ChartSeries series{label, "replacement"};
  for (const Line& line : history) {
    const auto& list = line.*values;
    if (index >= list.size() || !std::isfinite(list[index])) continue;
    series.x.push_back(double(line.step));
    series.y.push_back(list[index]);
  }
  return series;
}

void add(Chart& chart, ChartSeries series, int& hue) {
  if (series.x.size() < 2 && !series.points) return;
  constexpr int colours = 4;  // of the page's script; more curves are dashed
  if (hue >= colours) series.role = "frozen";
  series.hue = hue++;
  chart.series.push_back(std::move(series));
}

Chart loss_chart(const PinnResult& r) {
  Chart chart{.title = "Loss",
              .section = "loss",
              .caption = "The weighted sum, as it was minimised.",
              .x = {"step"},
              .y = {"loss", true}};
  ChartSeries total{"loss", "truth"};
  for (const Line& line : r.history) {
    total.x.push_back(double(line.step));
    total.y.push_back(line.loss);
  }
  int hue = 0;
  add(chart, total, hue);
  return chart;
}

Chart term_chart(const PinnResult& r, const char* title, std::vector<double> Line::* values,
                 const char* axis) {
  Chart chart{.title = title, .section = "loss", .x = {"step"}, .y = {axis, true}};
  int hue = 0;
  for (std::size_t n = 0; n < r.about.terms.size(); ++n)
    add(chart, curve(r.about.terms[n], r.history, values, n), hue);
  return chart;
}

// Weights that never move are no news.
bool weights_move(const PinnResult& r) {
  for (const Line& line : r.history)
    if (line.weights != r.history.front().weights) return true;
  return false;
}

Chart error_chart(const PinnResult& r) {
  Chart chart{.title = "Relative L2 error of the fields",
              .section = "errors",
              .x = {"step"},
              .y = {"relative L2 error", true}};
  int hue = 0;
  for (std::size_t f = 0; f < r.about.fields.size(); ++f)
    add(chart, curve(r.about.fields[f].name, r.history, &Line::errors, f), hue);
  if (chart.series.empty() || r.about.error_to_reach <= 0) return chart;
  const auto& x = chart.series.front().x;
  chart.series.push_back({"to reach",
                          "frozen",
                          {x.front(), x.back()},
                          {r.about.error_to_reach, r.about.error_to_reach}});
  return chart;
}

Chart parameter_chart(const PinnResult& r, std::size_t n) {
  const auto& info = r.about.parameters[n];
  Chart chart{.title = info.name,
              .section = "parameters",
              .caption = info.help,
              .x = {"step"},
              .y = {name_and_unit(info.name, info.unit)}};
  int hue = 0;
  add(chart, curve("found", r.history, &Line::parameters, n), hue);
  if (chart.series.empty() || !std::isfinite(info.truth)) return chart;
  const auto& x = chart.series.front().x;
  chart.series.push_back({"truth", "reference", {x.front(), x.back()}, {info.truth, info.truth}});
  return chart;
}

// Of one input: solution and reference, error, residuals.
std::vector<Chart> line_charts(const PinnResult& r, const PinnFields& fields) {
  using Kind = PinnQuantity::Kind;
  const auto& input = fields.inputs[0];
  std::vector<double> x;
  for (int n = 0; n < fields.counts[0]; ++n) x.push_back(fields.coordinate(0, n));
  const ChartAxis across{name_and_unit(input.name, input.unit)};
  std::vector<Chart> charts;
  for (const auto& info : r.about.fields) {
    const std::string title = name_and_unit(info.name, info.unit);
    Chart values{.title = info.name, .section = "pictures", .x = across, .y = {title}};
    if (const auto* truth = fields.find(Kind::reference, info.name))
      values.series.push_back({"reference", "truth", x, truth->values});
    values.series.push_back(
        {"network", "replacement", x, fields.find(Kind::solution, info.name)->values});
    charts.push_back(values);
    if (const auto* error = fields.find(Kind::error, info.name))
      charts.push_back({.title = info.name + ", error",
                        .section = "pictures",
                        .x = across,
                        .y = {title},
                        .series = {{"network − reference", "replacement", x, error->values}}});
  }
  for (const auto& quantity : fields.quantities)
    if (quantity.kind == Kind::residual)
      charts.push_back({.title = "Residual " + quantity.of,
                        .section = "pictures",
                        .x = across,
                        .y = {plain_unit(quantity.unit == "1" ? "" : quantity.unit)},
                        .series = {{quantity.of, "replacement", x, quantity.values}}});
  return charts;
}

Chart cost_chart(const PinnResult& r, const PinnComparison& c) {
  Chart chart{.title = "Cost against error",
              .section = "comparison",
              .caption = "Down and to the left is better. Classical runs by their resolution.",
              .x = {"wall time [s]", true},
              .y = {"largest relative L2 error of the fields", true}};
  ChartSeries classical{"classical runs", "classical", {}, {}, true, true};
  for (const auto& run : c.runs) {
    const double worst = r.worst(run.errors);
    if (!std::isfinite(worst)) continue;
    classical.x.push_back(run.wall_s);
    classical.y.push_back(worst);
    classical.point_labels.push_back(std::to_string(run.resolution));
  }
  chart.series.push_back(classical);
  chart.series.push_back(
      {"network, training", "mark", {c.train_s}, {r.worst_error()}, false, true, {"network"}});
  return chart;
}

}  // namespace

std::vector<Chart> pinn_charts(const PinnResult& r, const PinnFields& fields,
                               const PinnComparison* comparison) {
  std::vector<Chart> all{error_chart(r), loss_chart(r)};
  if (r.about.terms.size() > 1)
    all.push_back(term_chart(r, "Losses of the terms, without weights", &Line::losses,
                             "mean square of scaled residuals"));
  if (weights_move(r))
    all.push_back(term_chart(r, "Weights of the terms", &Line::weights, "weight"));
  for (std::size_t n = 0; n < r.about.parameters.size(); ++n) all.push_back(parameter_chart(r, n));
  if (fields.inputs.size() == 1)
    for (auto& chart : line_charts(r, fields)) all.push_back(std::move(chart));
  if (comparison && !comparison->runs.empty() && std::isfinite(r.worst_error()))
    all.push_back(cost_chart(r, *comparison));
  std::erase_if(all, [](const Chart& chart) { return chart.series.empty(); });
  for (std::size_t n = 0; n < all.size(); ++n) all[n].id = core::format("chart-{}", n);
  return all;
}

}  // namespace understudy::apps
