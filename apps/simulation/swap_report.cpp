#include "apps/simulation/swap_report.hpp"

#include "core/format.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

std::string in_words(const surrogates::SwapCounts& counts) {
  std::string gates;
  for (const auto& [gate, windows] : counts.rejected)
    gates += core::format("{}{} {}", gates.empty() ? "" : ", ", gate, windows);
  return core::format(
      "swap: the surrogate advanced {} of {} windows ({:.0f}%), the simulation {}; {} predictions "
      "rolled back; windows refused by gate: {}",
      counts.accepted, counts.windows,
      counts.windows > 0
          ? 100.0 * static_cast<double>(counts.accepted) / static_cast<double>(counts.windows)
          : 0.0,
      counts.windows - counts.accepted, counts.rollbacks, gates.empty() ? "none" : gates);
}

}  // namespace

void report_swap(const std::string& policy, std::span<const surrogates::SwapRecord> records,
                 Summary& summary) {
  const auto counts = surrogates::counts_of(records);
  summary.metric("swap.policy", policy);
  summary.metric("swap.accepted_fraction",
                 counts.windows > 0
                     ? static_cast<double>(counts.accepted) / static_cast<double>(counts.windows)
                     : 0.0);
  if (policy != "gate") return;
  summary.metric("swap.windows", counts.windows);
  // A resumed run counts from where it went on.
  if (!records.empty()) summary.metric("swap.first_window", records.front().window);
  summary.metric("swap.rollbacks", counts.rollbacks);
  summary.metric("swap.hand_overs.to_surrogate", counts.to_surrogate);
  summary.metric("swap.hand_overs.to_simulation", counts.to_physics);
  summary.metric("swap.rejected", nlohmann::json::object());
  for (const auto& [gate, windows] : counts.rejected)
    summary.metric("swap.rejected." + gate, windows);
  double rehearsed = -1;
  for (const auto& r : records)
    if (r.rehearsal_error > rehearsed) rehearsed = r.rehearsal_error;
  if (rehearsed >= 0) summary.metric("swap.largest_rehearsal_error", rehearsed);
  auto events = nlohmann::json::array();
  for (std::size_t n = 0; n < records.size() && events.size() < most_events; ++n)
    if (n == 0 || records[n].who != records[n - 1].who)
      events.push_back({{"window", records[n].window},
                        {"time_s", records[n].time_s},
                        {"who", records[n].who},
                        {"why", records[n].why},
                        {"trust", records[n].trust}});
  summary.metric("swap.events", events);
  core::log::info("{}", in_words(counts));
}

}  // namespace understudy::apps
