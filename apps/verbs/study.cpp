#include "apps/summary.hpp"
#include "apps/verbs/verbs.hpp"

namespace understudy::apps::verbs {

void act(Act verb, Job& job) {
  Summary summary(job);
  verb(job, summary);
}

void study(Job& job, Summary& summary) {
  generate(job, summary);
  train(job, summary);
  compare(job, summary);
}

}  // namespace understudy::apps::verbs
