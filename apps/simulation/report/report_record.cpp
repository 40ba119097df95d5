// The report's last sections: costs, the model, the method, provenance.
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

std::string pairs(const std::vector<ReportKeyValue>& list) {
  std::string html;
  for (const ReportKeyValue& pair : list) {
    if (pair.value.empty()) continue;
    html += "<div><dt>" + escape(pair.key) + "</dt><dd>" + escape(pair.value) + "</dd></div>\n";
  }
  return html.empty() ? "" : "<dl>\n" + html + "</dl>\n";
}

std::string folded(const std::string& title, const std::string& text) {
  if (text.empty()) return "";
  return "<details><summary>" + escape(title) + "</summary><pre>" + escape(text) +
         "</pre></details>\n";
}

/// A cost that was not measured is a dash: nothing was to be reached.
std::string known(double value, std::string (*text)(double)) {
  return std::isfinite(value) ? text(value) : "–";
}

std::string cost_table(const std::vector<ReportCost>& costs) {
  if (costs.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"Cost", "Wall time", "Core time", ""}};
  for (const ReportCost& cost : costs) {
    rows.push_back({escape(cost.item), known(cost.wall_s, duration), known(cost.core_s, core_time),
                    "<span class=\"aside\">" + escape(cost.note) + "</span>"});
  }
  return table(rows, "numbers");
}

}  // namespace

std::string cost_section(const ReportData& data, const std::vector<Chart>& charts) {
  const std::string curve = chart_figures(charts, "training");
  const std::string costs = cost_table(data.costs);
  if (curve.empty() || costs.empty()) return section("Cost of data and training", costs + curve);
  return section("Cost of data and training",
                 "<div class=\"beside\"><div>" + costs + "</div>" + curve + "</div>\n");
}

std::string model_section(const ReportData& data) {
  return section("Model card",
                 pairs(data.model_card) + folded("card.yaml, complete", data.model_card_yaml));
}

std::string method_section(const ReportData& data) {
  std::string items =
      "<li><b>Relative L2 error</b> of a field at a time: ‖replacement − simulation‖₂ / "
      "‖simulation‖₂ over all cells. Both start from the same state; the replacement is then left to "
      "itself for the whole horizon. Means leave out the initial state, where the error is zero.</li>\n"
      "<li><b>Frozen state</b>: the same error for the initial state kept unchanged. A replacement that "
      "is not well below it has learned nothing of the motion.</li>\n"
      "<li><b>Speed-ups</b> are ratios of wall times, above 1 where the replacement wins; one below 1 is "
      "printed as it is. Break-even = (core time of data + core time of training) / (core time "
      "saved per run).</li>\n"
      "<li><b>Difference</b> of a quantity: replacement − simulation, and the same relative to the "
      "simulation's value, where that is not smaller than what the quantity swings by.</li>\n"
      "<li><b>“Not reached”</b> stands where a number does not exist, with the reason beside it; "
      "gaps in curves are values that were not finite.</li>\n";
  for (const std::string& note : data.method_notes) items += "<li>" + escape(note) + "</li>\n";
  return section("How each number was measured", "<ul class=\"method\">\n" + items + "</ul>\n");
}

std::string provenance_section(const ReportData& data) {
  const ReportHardware& h = data.hardware;
  std::vector<ReportKeyValue> list{
      {"command", data.command},
      {"deck", data.deck_path},
      {"deck hash", data.deck_hash},
      {"Understudy", data.version + " (" + data.git + ")"},
      {"started", data.started},
      {"host", h.host},
      {"processor", h.cpu},
      {"ranks × threads", core::format("{} × {}", h.ranks, h.threads)},
      {"Kokkos backend", h.kokkos_backend},
      {"precision", h.precision},
      {"LibTorch", h.torch_version.empty() ? ""
                                           : core::format("{} on {}, {} threads", h.torch_version,
                                                          h.torch_device, h.torch_threads)},
      {"network precision", h.torch_precision}};
  list.insert(list.end(), data.provenance.begin(), data.provenance.end());
  return section("Provenance", pairs(list) + folded("Resolved deck", data.deck_text));
}

}  // namespace understudy::apps::report
