// diagnostics.csv of a run, and the series of it: the stepper's diagnostics and what more the simulation says
// (solvers/more_diagnostics.hpp).
#pragma once

#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "apps/study/time_series.hpp"
#include "solvers/run_loop.hpp"

namespace understudy::apps {

/// The run that observers look at.
template <class Real>
struct RunWatch {
  solvers::Stepper<Real>&
      truth;  ///< looked at within windows where it allows that (step_watch.hpp)
  const mesh::State<Real>& state;  ///< that it advances
  double resumed_at_s = -1;        ///< < 0: a new run
};

/// A row a window, and where the solver can be looked at between its steps a row each diagnostics_every_s.
/// `series` is filled with every row, those before a restart included; it outlives the run.
template <class Real>
solvers::Observer<Real> diagnostics_observer(const SimulationJob& job, const RunWatch<Real>& run,
                                             std::vector<TimeSeries>& series);

/// The diagnostics that an earlier call left in diagnostics.csv, into `series`: for a run with nothing left
/// to do. On rank 0; the others have none. Collective.
template <class Real>
void read_series(const SimulationJob& job, solvers::Stepper<Real>& truth,
                 const mesh::State<Real>& state, std::vector<TimeSeries>& series);

}  // namespace understudy::apps
