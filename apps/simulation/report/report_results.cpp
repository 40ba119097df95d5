// The report's first sections: verdict, the three speed-ups, accuracy, diagnostics.
#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

/// A ratio as the table's large figure; below 1 in the colour of a loss.
std::string factor(const core::Maybe<double>& ratio, const surrogates::Scatter& scatter,
                   bool at_most = false, const char* missing = "not reached") {
  if (!reached(ratio)) return core::format("<span class=\"missing\">{}</span>", missing);
  return core::format("<span class=\"figure{}\">{}{}&thinsp;×</span>",
                      ratio.value < 1 ? " loss" : "", at_most ? "≤&thinsp;" : "",
                      rounded(ratio.value, scatter.digits(ratio.value)));
}

std::string with_reason(const std::string& text, const std::string& reason) {
  return reason.empty() ? text : text + " " + escape(without_stop(reason)) + ".";
}

// The two sides may compute in different precisions and places: the ratio holds that difference too.
std::string same_grid_definition(const ReportHardware& h) {
  std::string text =
      "Wall time of the simulation / wall time of its replacement: same grid, start and threads; ";
  if (h.torch_precision.empty()) return text + escape(h.precision) + " precision on both sides.";
  return text + "simulation in " + escape(h.precision) + " precision, network in " +
         escape(h.torch_precision) + " on " + escape(h.torch_device) + ".";
}

std::vector<std::string> same_grid_row(const ReportData& data) {
  const surrogates::ComparisonResult& r = data.result;
  std::string measured = core::format("simulation {}, replacement {}", duration(r.truth_wall_s),
                                      duration(r.replacement_wall_s));
  if (data.horizon_s() > 0)
    measured += core::format(" for {} s of simulated time", number(data.horizon_s(), 4));
  const auto& scatter = r.speedups.same_grid_scatter;
  measured += scatter.repeats > 1 ? "; medians; the ratio is " + scatter_text(scatter)
                                  : "; " + scatter_text(scatter);
  return {"Same grid", factor(r.speedups.same_grid, scatter), same_grid_definition(data.hardware),
          measured};
}

std::vector<std::string> equal_error_row(const surrogates::ComparisonResult& r) {
  const surrogates::Speedups& s = r.speedups;
  const bool by_time = r.equal_in != surrogates::EqualIn::error;
  std::string measured = "classical run: " + escape(equal_error_run(s));
  if (s.equal_error.known && s.equal_error_scatter.repeats > 1)
    measured += "; " + scatter_text(s.equal_error_scatter);
  if (s.equal_error.known && s.equal_error_at_most)
    measured += "; an upper bound: a cheaper classical run would do";
  if (!s.equal_error.known) measured = with_reason("", s.equal_error.reason);
  const std::string accurate = by_time ? "stays correlated (" + escape(r.correlation.quantity) +
                                             ") as long as the replacement"
                                       : "is as accurate as the replacement";
  return {by_time ? "Equal time of correlation" : "Equal error",
          factor(s.equal_error, s.equal_error_scatter, s.equal_error_at_most, "not known"),
          "Wall time of the cheapest classical run (coarser or looser) that " + accurate +
              " / wall time of the replacement.",
          measured};
}

std::vector<std::string> break_even_row(const ReportData& data) {
  const core::Maybe<double>& runs = data.result.speedups.break_even_runs;
  std::string value = "<span class=\"missing\">not reached</span>";
  if (reached(runs)) {
    const auto& scatter = data.result.speedups.break_even_scatter;
    value = core::format("<span class=\"figure\">{}</span> runs",
                         rounded(std::ceil(runs.value), scatter.digits(runs.value)));
  }
  std::string measured = core::format("data {}, training {}", core_time(data.data_core_s),
                                      core_time(data.training_core_s));
  if (data.calibration_core_s > 0)
    measured += ", calibration " + core_time(data.calibration_core_s);
  if (runs.known && data.result.speedups.break_even_scatter.repeats > 1)
    measured += "; " + scatter_text(data.result.speedups.break_even_scatter);
  if (!runs.known) measured = with_reason(measured + ";", runs.reason);
  return {"Break-even", value,
          "Runs of this length after which the cost of data and training is paid back by the time "
          "saved per run.",
          measured};
}

std::string difference_of(const ReportMetric& metric) {
  const double difference = metric.replacement - metric.truth;
  if (!std::isfinite(difference)) return "–";
  std::string text = number(difference, 2);
  if (metric.truth != 0) {
    const double relative = difference / std::abs(metric.truth);
    text += core::format(" <span class=\"aside\">({}{})</span>", relative > 0 ? "+" : "",
                         percent(relative));
  }
  return text;
}

std::string metrics_table(const ReportData& data) {
  if (data.metrics.empty()) return "";
  const bool published = std::ranges::any_of(
      data.metrics, [](const ReportMetric& m) { return m.published.has_value(); });
  std::vector<std::vector<std::string>> rows{
      {"Quantity", "Simulation", "Replacement", "Difference"}};
  if (published) rows.front().push_back("Published");
  const bool notes =
      std::ranges::any_of(data.metrics, [](const ReportMetric& m) { return !m.note.empty(); });
  if (notes) rows.front().push_back("Note");
  for (const ReportMetric& metric : data.metrics) {
    std::vector<std::string> row{
        escape(name_and_unit(plain_name(metric.name, data.app), metric.unit)),
        number(metric.truth, 4), number(metric.replacement, 4), difference_of(metric)};
    if (published) {
      row.push_back(metric.published ? number(*metric.published, 4) + " <span class=\"aside\">" +
                                           escape(metric.source) + "</span>"
                                     : "");
    }
    if (notes) row.push_back("<span class=\"aside\">" + escape(metric.note) + "</span>");
    rows.push_back(row);
  }
  return table(rows, "numbers");
}

/// Mean and final error of each field, beside those of the frozen state.
std::string error_table(const std::vector<surrogates::ErrorSeries>& errors) {
  if (errors.empty()) return "";
  std::vector<std::vector<std::string>> rows{
      {"Field", "Mean", "Median", "Largest", "Final", "Frozen state, mean"}};
  for (const surrogates::ErrorSeries& error : errors) {
    std::vector<double> values, frozen;
    for (std::size_t n = 1; n < error.rel_l2.size(); ++n) {
      if (!std::isfinite(error.rel_l2[n])) continue;
      values.push_back(error.rel_l2[n]);
      if (n < error.persistence.size()) frozen.push_back(error.persistence[n]);
    }
    const auto mean = [](const std::vector<double>& list) {
      double sum = 0;
      for (const double value : list) sum += value;
      return list.empty() ? std::nan("") : sum / static_cast<double>(list.size());
    };
    const double last = values.empty() ? std::nan("") : values.back();
    const double average = mean(values);
    std::ranges::sort(values);
    const double middle = values.empty() ? std::nan("") : values[values.size() / 2];
    const double largest = values.empty() ? std::nan("") : values.back();
    rows.push_back({escape(error.field), percent(average), percent(middle), percent(largest),
                    percent(last), error.persistence.empty() ? "–" : percent(mean(frozen))});
    if (values.empty() && !error.judged())
      rows.back() = {escape(error.field), "none", "none", "none", "none", "–"};
  }
  std::string notes;
  for (const surrogates::ErrorSeries& error : errors)
    if (!error.judged())
      notes += core::format(
          "<p class=\"note\">{} is zero in the simulation: its error is relative to {}, "
          "and no part of means over fields.</p>\n",
          escape(error.field), escape(error.relative_to));
  return table(rows, "numbers") + notes;
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
    const double horizon_s = static_cast<double>(r.stable_windows()) * r.window_s;
    cells.push_back(series.values.empty() ? "–"
                    : std::isnan(time_s)  ? "&gt; " + number(horizon_s, 3) + " s"
                                          : number(time_s, 3) + " s");
  }
  return cells;
}

/// What the numbers in the cost-error chart are.
std::string classical_table(const surrogates::ComparisonResult& r) {
  const auto points = by_cost(r);
  if (points.empty()) return "";
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
  for (const surrogates::ClassicalPoint& point : points)
    add({std::to_string(rows.size()), escape(point.name), duration(point.cost_s),
         point.error == 0 ? "–" : percent(point.error), classical_speedup(r, point)},
        correlation_cells(r, point.correlation));
  if (correlated)
    add({"–", "the replacement", duration(r.replacement_wall_s), percent(r.mean_error()),
         rounded(r.truth_wall_s / r.replacement_wall_s, 2) + " ×"},
        correlation_cells(r, r.correlation));
  std::string above;
  for (const surrogates::ClassicalPoint& point : r.classical) {
    if (point.refused.empty()) continue;
    const std::string why =
        point.refused == above ? "refused, as above" : "refused: " + without_stop(point.refused);
    rows.push_back({"–", escape(point.name) + " <span class=\"aside\">" + escape(why) + "</span>",
                    "–", "–", "–"});
    if (correlated) rows.back().insert(rows.back().end(), {"–", "–"});
    above = point.refused;
  }
  return table(rows, "numbers classical");
}

}  // namespace

std::string equal_error_run(const surrogates::Speedups& s) {
  if (!s.equal_error.reason.empty()) return s.equal_error.reason;
  // Equal speed-ups mean equal wall times: no cheaper run was accurate enough.
  const double same_grid = s.same_grid.value_or(std::nan(""));
  if (std::abs(s.equal_error.value - same_grid) <= 1e-9 * same_grid) {
    return "the full simulation itself: no cheaper one is accurate enough";
  }
  return "between the measured ones, interpolated";
}

std::string masthead(const ReportData& data) {
  std::string line = escape(data.verb) + " · " + escape(data.app);
  if (!data.started.empty()) line += " · " + escape(data.started);
  line += " · deck " + escape(data.deck_hash.substr(0, 8));
  line += " · Understudy " + escape(data.version) + " (" + escape(data.git) + ")";
  std::string html =
      "<header><p class=\"line\">" + line + "</p>\n<h1>" + escape(data.title) + "</h1>\n";
  if (!data.case_text.empty()) html += "<p class=\"case\">" + escape(data.case_text) + "</p>\n";
  return html + "</header>\n";
}

std::string verdict_block(const ReportData& data) {
  const std::string first = report_lead(data), rest = report_rest(data);
  std::string html =
      "<section class=\"verdict\" id=\"verdict\"><p class=\"lead\">" + escape(first) + "</p>\n";
  if (!rest.empty()) html += "<p>" + escape(rest) + "</p>\n";
  if (!data.warnings.empty()) {
    html += "<ul class=\"warnings\">\n";
    for (const std::string& warning : data.warnings) html += "<li>" + escape(warning) + "</li>\n";
    html += "</ul>\n";
  }
  return html + "</section>\n";
}

std::string speedup_section(const ReportData& data) {
  const std::string rows = table({{"", "Speed-up", "Definition", "Measured"},
                                  same_grid_row(data),
                                  equal_error_row(data.result),
                                  break_even_row(data)},
                                 "speedup");
  const ReportHardware& h = data.hardware;
  std::string machine =
      escape(h.cpu) + core::format(" · {} rank{} × {} thread{}", h.ranks, h.ranks == 1 ? "" : "s",
                                   h.threads, h.threads == 1 ? "" : "s");
  machine += " · Kokkos " + escape(h.kokkos_backend) + " in " + escape(h.precision) + " precision";
  if (!h.torch_version.empty()) {
    machine +=
        core::format(" · LibTorch {} on {}, {} thread{}{}", escape(h.torch_version),
                     escape(h.torch_device), h.torch_threads, h.torch_threads == 1 ? "" : "s",
                     h.torch_precision.empty() ? "" : ", " + escape(h.torch_precision));
  }
  if (!data.machine.empty()) machine += "<br>While it was timed: " + escape(data.machine);
  return section("Speed-up", rows + "<p class=\"note\">" + machine + "</p>\n" +
                                 (data.energy.empty() ? ""
                                                      : "<p class=\"note\" id=\"energy\">" +
                                                            escape(data.energy) + "</p>\n"));
}

std::string accuracy_section(const ReportData& data, const std::vector<Chart>& charts) {
  return section("Accuracy", chart_figures(charts, "accuracy") + "<div class=\"beside\"><div>" +
                                 error_table(data.result.errors) + "</div><div>" +
                                 classical_table(data.result) + "</div></div>\n");
}

std::string diagnostics_section(const ReportData& data, const std::vector<Chart>& charts) {
  return section("Physical quantities", metrics_table(data) + chart_figures(charts, "diagnostics") +
                                            chart_figures(charts, "spectra"));
}

}  // namespace understudy::apps::report
