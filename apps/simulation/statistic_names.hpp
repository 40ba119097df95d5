// Which diagnostics compare.statistics names.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "solvers/stepper.hpp"

namespace understudy::apps {

/// Full names of the diagnostics that are asked for by their full name or by what stands behind its last dot
/// ("lift_coefficient" for "flow.lift_coefficient", whether or not there are "flow.body1.lift_coefficient" and others).
/// UserError, naming compare.statistics and those that there are, for one that is none, or the last name of several.
std::vector<std::string> statistic_names(const std::vector<std::string>& asked,
                                         const std::vector<solvers::Diagnostic>& all);

/// UserError as statistic_names() for those of the compared case, before anything is computed: its simulation is made
/// and dropped again. Nothing where the deck names none. Collective.
void require_statistics(const SimulationJob& job);

}  // namespace understudy::apps
