// All that a plan measures, in its order: simulations, outputs, classical runs, frames, networks.
#pragma once

#include <filesystem>

#include "apps/simulation/plan/study_rates.hpp"
#include "apps/simulation/plan/study_work.hpp"
#include "apps/simulation/simulation_job.hpp"

namespace understudy::apps {

/// Each of the three parts takes about `budget_s`. Files go into `folder`, whose owner removes them. Collective.
/// UserError, RunError as the verbs; Interrupted on a signal.
StudyRates run_pilot(const SimulationJob& job, const StudyWork& work,
                     const std::filesystem::path& folder, double budget_s);

}  // namespace understudy::apps
