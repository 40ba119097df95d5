#include "apps/simulation/classical.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/study/summary.hpp"

namespace understudy::apps::verbs {

void act(Act verb, Job& job) {
  Summary summary(job);
  verb(job, summary);
}

void study(Job& job, Summary& summary) {
  // What only the later stages would find, before the first one works for hours.
  require_network_size(job);
  classical_cases(job);
  contender_jobs(job);
  generate(job, summary);
  train(job, summary);
  compare(job, summary);
}

}  // namespace understudy::apps::verbs
