// The verb study: what the others do, one after the other.
#include "apps/simulation/classical.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/finer_truth.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/simulation/statistic_names.hpp"
#include "apps/study/summary.hpp"

namespace understudy::apps::verbs {

void study(SimulationJob& job, Summary& summary) {
  // What only the later stages would find, before the first one works for hours.
  require_network_size(job);
  require_training_fits(job);
  classical_cases(job);
  require_interpolation_serves(job);
  require_finer_fits(job);
  require_statistics(job);
  require_contender_blocks(job);
  require_contender_frames(job);
  for (const auto stage : {generate, train, compare}) {
    stage(job, summary);
    summary.write();
  }
}

}  // namespace understudy::apps::verbs
