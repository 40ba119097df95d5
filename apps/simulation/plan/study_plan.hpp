// Counts times rates: what each verb of a study will take. Arithmetic alone; docs/planning.md has the formulas.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/plan/study_rates.hpp"
#include "apps/simulation/plan/study_work.hpp"
#include "core/maybe.hpp"

namespace understudy::apps {

/// What the work is done on.
struct PlanRanks {
  int ranks = 1;
  double cores_a_rank = 1;  ///< that a rank holds: its threads, or its part of a node
};

struct VerbPlan {
  std::string verb;
  double wall_s = 0, core_s = 0;
  double memory_bytes = 0;  ///< of a rank
  double disk_bytes = 0;    ///< that stay
};

struct StudyPlan {
  std::vector<VerbPlan> verbs;
  double made_for_core_s = 0;                 ///< of data and model, as a card counts them
  double truth_run_s = 0, network_run_s = 0;  ///< wall time of the compared windows
  core::Maybe<double> break_even_runs;        ///< runs of the compared windows
  core::Maybe<double> break_even_of_run;      ///< runs as the deck's own
};

/// Wall time of the ensemble: rounds of groups of the mean member, then the statistics.
double generate_wall_s(const StudyWork& work, const StudyRates& rates, int ranks);
/// Mean over the members of what one takes; those between two measured ones lie on a line between them.
double member_wall_s(const GenerateWork& work, const StudyRates& rates);
/// Of one network, and of it alone.
double training_wall_s(const TrainingWork& work, const TrainingRates& rates, int ranks);

/// A wall time at a number of frames.
struct TimedFrames {
  double frames = 0, wall_s = 0;
};
/// What reading and preparing so many frames takes, from two numbers of them: a constant and a part a frame; where
/// modes are found (`modes`) a part a frame and one a pair of frames.
void set_setup_rates(TrainingRates& rates, const TimedFrames& many, const TimedFrames& few,
                     bool modes);

/// UserError never; what cannot be told has its reason.
StudyPlan plan_study(const StudyWork& work, const StudyRates& rates, const PlanRanks& on);

}  // namespace understudy::apps
