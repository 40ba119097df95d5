// The solvers that a training of a correcting network works with.
#pragma once

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::apps {

/// The deck's solver on the grid that its network corrects, with the parameters of a sample, on one rank. `job`
/// outlives what is returned.
surrogates::MakeCoarseSolver coarse_solvers(const SimulationJob& job);

}  // namespace understudy::apps
