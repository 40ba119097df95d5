// A plan as a person reads it: a table, the break-even, what was measured and what is assumed.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/plan/machine.hpp"
#include "apps/simulation/plan/study_plan.hpp"

namespace understudy::apps {

struct PlanContext {
  std::string deck;  ///< its name
  int ranks = 1, threads = 1;
  const Machine* machine = nullptr;  ///< null: this one
  MeasuredHere here;
  int pilot_ranks = 1;
  double pilot_s = 0;  ///< wall time of the pilot
};

std::string plan_text(const StudyWork& work, const StudyRates& rates, const StudyPlan& plan,
                      const PlanContext& context);

}  // namespace understudy::apps
