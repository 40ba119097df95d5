#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/report_sections.hpp"

namespace understudy::apps::report {

namespace {

std::string times(std::optional<double> ratio) {
  if (!ratio || !std::isfinite(*ratio)) return "not reached";
  return number(*ratio, 3) + " ×";
}

}  // namespace

std::string contenders_section(const ReportData& data, const std::vector<Chart>& charts) {
  if (data.contenders.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"Model", "Network", "Weights", "Training",
                                              "Mean error", "One run", "Same grid", "Equal error",
                                              "Break-even runs"}};
  for (const ReportContender& c : data.contenders) {
    std::string error = percent(c.mean_error);
    if (!c.failure.empty()) error += " <span class=\"aside\">failed</span>";
    rows.push_back({escape(c.name), escape(c.network), std::to_string(c.weights),
                    core_time(c.training_core_s), error, duration(c.wall_s), times(c.same_grid),
                    times(c.equal_error),
                    c.break_even_runs && std::isfinite(*c.break_even_runs)
                        ? number(std::ceil(*c.break_even_runs), 4)
                        : "not reached"});
  }
  return section(
      "Models side by side",
      table(rows, "numbers") + chart_figures(charts, "contenders") +
          "<p class=\"note\">All on the same data and case, each from the same initial "
          "state and timed beside the simulation. Error: mean over fields of the relative "
          "L2 error, mean over the windows that the model survived.</p>\n");
}

}  // namespace understudy::apps::report
