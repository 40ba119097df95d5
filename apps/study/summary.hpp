// summary.json: what the verbs did, for scripts. The contract of the outputs, of the verb that was called
// last:
//   verb, deck, app, version, git, provenance{...},
//   backend{kokkos, threads, ranks, torch, torch_device, torch_threads, precision},
//   timing{total_s, regions{name: s}, ...}, metrics{...}           numbers in SI; null: no value
// and under verbs.<verb> the same of every verb that was called in that folder, the last one included.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/study/job.hpp"
#include "apps/study/time_series.hpp"

namespace understudy::apps {

class Summary {
 public:
  /// The job outlives it.
  explicit Summary(const Job& job);

  /// metrics.<path>, nested at the dots. NaN becomes null.
  void metric(const std::string& path, const nlohmann::json& value);
  void timing(const std::string& name, double seconds);
  /// metrics.<prefix><name> of each.
  void quantities(const std::vector<Quantity>& all, const std::string& prefix = "");
  /// metrics.conservation.<quantity>_drift of each conserved series.
  void conservation(const std::vector<TimeSeries>& series);

  /// What the verb's work is told by, beside the deck's hash: decks that may go on with each other's work
  /// have the same (restart.hpp). Kept as provenance.restart_hash.
  void belongs_to(const std::string& restart_hash);
  /// Of a resumed verb that found its work done: where this call has no value of a metric, that of the
  /// earlier call stays, if it was the same deck's. `metrics`: these alone; empty: all, and the timing.
  void keep_earlier(std::vector<std::string> metrics = {});

  /// Adds total time and regions, writes <out>/summary.json from rank 0: this verb's section; those of
  /// others stay. Collective.
  void write();

 private:
  void take_earlier(const nlohmann::json& section);

  const Job& job_;
  nlohmann::json root_;
  bool keep_earlier_ = false;
  std::vector<std::string> kept_metrics_;
};

}  // namespace understudy::apps
