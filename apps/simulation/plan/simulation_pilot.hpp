// A deck's simulation on the ranks that are there, for a few seconds: what a window takes.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/plan/study_rates.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "core/error.hpp"

namespace understudy::apps {

struct PilotLimits {
  double seconds = 5;     ///< that it may advance; two pieces are advanced whatever they take
  long long windows = 1;  ///< that the study will ask for: no more are advanced
};

template <class Real>
struct SimulationPilot {
  SimulationRates rates;
  Simulation<Real> simulation;            ///< where the pilot ended
  std::vector<mesh::State<Real>> frames;  ///< the last states, three at most, in order of time
};

/// Makes the simulation and advances it from its start: by windows, or where one takes too long by as many of its
/// steps as there is time for. Rates are those of the second half, when caches, memory and pressure have settled. The wall
/// times are the slowest rank's. Collective over `comm`. UserError, RunError as a run; Interrupted on a signal.
template <class Real>
SimulationPilot<Real> pilot_simulation(const std::string& name, const SimulationDeck& deck,
                                       const core::Comm& comm, const PilotLimits& limits);

core::Interrupted plan_stopped(int signal);
/// Stops the plan where a signal was heard. Collective.
void stop_plan_if_asked(const core::Comm& comm);

}  // namespace understudy::apps
