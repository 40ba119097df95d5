// summary.json: what a verb did, for scripts. The contract of the outputs:
//   verb, deck, app, version, git, provenance{...},
//   backend{kokkos, threads, ranks, torch, torch_device, torch_threads, precision},
//   timing{total_s, regions{name: s}, ...}, metrics{...}           numbers in SI; null: no value
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

  /// Adds total time and regions, writes <out>/summary.json from rank 0. Collective.
  void write();

 private:
  const Job& job_;
  nlohmann::json root_;
};

}  // namespace understudy::apps
