#include "apps/classical.hpp"
#include "apps/contenders.hpp"
#include "apps/ensemble.hpp"
#include "apps/summary.hpp"
#include "apps/verbs/verbs.hpp"

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
