// The runs of this study on different backends, side by side.
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

std::string times(double ratio) { return std::isfinite(ratio) ? number(ratio) + " ×" : "–"; }

std::string wall(double seconds) { return std::isfinite(seconds) ? duration(seconds) : "–"; }

std::string energy(double simulation_j, double replacement_j) {
  if (!std::isfinite(simulation_j) || !std::isfinite(replacement_j)) return "–";
  return number(simulation_j) + " J / " + number(replacement_j) + " J";
}

// Two lines, so that the table stays narrow.
std::string two_lines(const std::string& first, const std::string& second) {
  return escape(first) + "<br><span class=\"aside\">" + escape(second) + "</span>";
}

std::vector<std::string> row(const BackendRow& b) {
  std::string what = core::format("{} rank{} × {} thread{}, {}", b.ranks, b.ranks == 1 ? "" : "s",
                                  b.threads, b.threads == 1 ? "" : "s", b.precision);
  if (!b.network_device.empty())
    what += "; network " + b.network_device + ", " + b.network_precision;
  what += b.policy == "gate"     ? ", gated"
          : b.policy == "never"  ? "; simulation alone"
          : b.policy == "always" ? ", no gate"
                                 : "; policy " + b.policy;
  return {two_lines(b.backend + " on " + b.device, what + "; " + b.compared_case),
          times(b.same_grid),
          times(b.equal_error),
          wall(b.simulation_s) + " / " + wall(b.replacement_s),
          std::isfinite(b.error) ? percent(b.error) : "–",
          energy(b.simulation_j, b.replacement_j),
          two_lines(b.date.substr(0, 10), b.git)};
}

}  // namespace

std::string backends_section(const ReportData& data) {
  if (data.backends.empty()) return "";
  std::vector<std::vector<std::string>> rows{
      {"Run", "Same grid", "Equal error", "Wall time", "Error", "Energy", "Version"}};
  for (const BackendRow& b : data.backends) rows.push_back(row(b));
  return section(
      "Backends",
      "<div class=\"wide\">" + table(rows, "backends") +
          "</div><p class=\"note\">Each run of compare in this study's folder; wall time "
          "and energy: simulation / replacement. Energy is that of the whole processors "
          "and GPUs, whatever else ran on them.</p>\n");
}

}  // namespace understudy::apps::report
