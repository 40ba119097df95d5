#include "apps/study/training_summary.hpp"

#include <algorithm>

#include "core/log.hpp"

namespace understudy::apps {

void say_verdict(const surrogates::ModelCard& card) {
  for (const auto& v : card.validation)
    core::log::info(
        "validation of {}: relative L2 error {:.3g} after one window, {:.3g} over {} (a "
        "state that does not change: {:.3g})",
        v.field, v.rel_l2_one_window, v.rel_l2_rollout, card.rollout_windows,
        v.persistence_rollout);
  if (!card.verdict.empty()) core::log::warn("{}", card.verdict);
}

namespace {

// What a step of the rank that has most sends, and how long it takes.
void report_steps(Summary& summary, const std::string& prefix,
                  const surrogates::TrainingReport& report, const core::Comm& comm) {
  const auto steps = static_cast<double>(std::max(1LL, report.steps_here));
  const auto per_step = [&](const char* name, long long mine) {
    summary.metric(prefix + "messages." + name + "_per_step",
                   static_cast<double>(comm.max(mine)) / steps);
  };
  summary.metric(prefix + "step_s", report.steps_s / steps);
  per_step("count", report.sent.messages);
  per_step("bytes", report.sent.bytes);
  per_step("collectives", report.sent.collectives);
  per_step("collective_bytes", report.sent.collective_bytes);
}

}  // namespace

void summarise_training(Summary& summary, const std::string& prefix,
                        const surrogates::TrainingReport& report, const core::Comm& comm) {
  const auto& card = report.model.card;
  const auto& network = *report.model.network;
  if (report.steps_here > 0) report_steps(summary, prefix, report, comm);
  summary.metric(prefix + "operations_per_window", network.operations(network.shape().cells));
  if (prefix == "training.") summary.timing("training_s", report.wall_s);
  summary.metric(prefix + "core_s", report.core_s);
  summary.metric(prefix + "threads", report.threads);
  summary.metric(prefix + "ranks", report.ranks);
  summary.metric(prefix + "ranks_per_sample", report.ranks_per_sample);
  summary.metric(prefix + "precision", report.precision);
  summary.metric(prefix + "peak_memory_bytes", report.peak_memory_bytes);
  summary.metric(prefix + "peak_memory_bytes_per_rank", report.peak_memory_bytes_per_rank);
  summary.metric(prefix + "samples_held", std::string(report.streamed ? "streamed" : "in memory"));
  summary.metric(prefix + "bytes_read", report.bytes_read);
  summary.metric(prefix + "ended_by_patience", report.ended_by_patience);
  summary.metric(prefix + "epochs", card.epochs);
  summary.metric(prefix + "steps", card.steps);
  summary.metric(prefix + "weights", card.weight_count);
  summary.metric(prefix + "windows_per_s", report.samples_per_s);
  summary.metric(prefix + "ended_by_time", report.ended_by_time);
  for (const auto& v : card.validation) {
    const std::string field = prefix + "validation." + v.field;
    summary.metric(field + ".rel_l2_one_window", v.rel_l2_one_window);
    summary.metric(field + ".rel_l2_rollout", v.rel_l2_rollout);
    summary.metric(field + ".persistence_rollout", v.persistence_rollout);
  }
  summary.metric(prefix + "verdict", card.verdict);
  if (card.reconstruction.empty()) return;
  // Means over the channels, as with the rollout errors.
  double model = 0, pod = 0;
  for (const auto& r : card.reconstruction) {
    const std::string field = prefix + "reconstruction.fields." + r.field;
    summary.metric(field + ".model", r.model);
    summary.metric(field + ".pod", r.pod);
    model += r.model / static_cast<double>(card.reconstruction.size());
    pod += r.pod / static_cast<double>(card.reconstruction.size());
  }
  summary.metric(prefix + "reconstruction.modes", card.reconstruction.front().modes);
  summary.metric(prefix + "reconstruction.model", model);
  summary.metric(prefix + "reconstruction.pod", pod);
}

}  // namespace understudy::apps
