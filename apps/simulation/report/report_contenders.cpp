// The report's section on contenders, the other models that the deck names.
#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

std::string times(const core::Maybe<double>& ratio, const surrogates::Scatter& scatter,
                  bool at_most = false) {
  if (!reached(ratio)) return "not known";
  std::string text =
      (at_most ? "≤ " : "") + rounded(ratio.value, scatter.digits(ratio.value)) + " ×";
  if (scatter.repeats > 1)
    text += core::format(" <span class=\"aside\">{} to {}</span>", rounded(scatter.lowest, 2),
                         rounded(scatter.highest, 2));
  return text;
}

/// A guarded or scheduled replacement is judged by its surrogate's windows, contenders run alone.
std::string own_windows(const surrogates::ComparisonResult& r) {
  const auto counted = r.counted();
  if (counted.empty()) return "";
  return core::format(
      "; of the replacement over the {} of {} that the surrogate advanced, of the others, which no "
      "simulation helps, over all. Equal error: each over its own windows",
      std::ranges::count(counted, true), counted.size());
}

}  // namespace

std::string contenders_section(const ReportData& data, const std::vector<Chart>& charts) {
  if (data.contenders.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"Model", "Network", "Weights", "Training",
                                              "Mean error", "One run", "Same grid", "Equal error",
                                              "Break-even runs"}};
  for (const ReportContender& c : data.contenders) {
    const surrogates::Speedups& s = c.result.speedups;
    const double mean = c.result.mean_error(), wall_s = c.result.replacement_wall_s;
    std::string error = std::isfinite(mean) ? percent(mean) : "–";
    if (!c.result.failure.empty())
      error += " <span class=\"aside\">failed</span>";
    else if (c.result.within_truth(mean))
      error += " <span class=\"aside\">within the truth's own error</span>";
    rows.push_back({escape(c.name), escape(c.card.network.kind),
                    std::to_string(c.card.weight_count), core_time(c.card.cost.training_core_s),
                    error, std::isfinite(wall_s) ? duration(wall_s) : std::string("–"),
                    times(s.same_grid, s.same_grid_scatter),
                    times(s.equal_error, s.equal_error_scatter, s.equal_error_at_most),
                    reached(s.break_even_runs)
                        ? rounded(std::ceil(s.break_even_runs.value),
                                  s.break_even_scatter.digits(s.break_even_runs.value))
                        : "not reached"});
  }
  return section(
      "Models side by side",
      "<div class=\"wide\">" + table(rows, "numbers") + "</div>" +
          chart_figures(charts, "contenders") +
          "<p class=\"note\">All on the same data and case, each from the same initial "
          "state, timed in turns and beside one timing of the simulation. Error: mean over fields of the relative "
          "L2 error, mean over the windows that the model survived" +
          own_windows(data.result) + ".</p>\n");
}

}  // namespace understudy::apps::report
