#include "apps/verbs/verbs.hpp"

namespace understudy::apps::verbs {

void study(Job& job) {
  generate(job);
  train(job);
  compare(job);
}

}  // namespace understudy::apps::verbs
