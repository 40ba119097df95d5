// run.html: a run's diagnostics over time, its quantities and its last state.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "apps/study/time_series.hpp"
#include "solvers/stepper.hpp"

namespace understudy::apps {

struct RunReport {
  std::string lead;  ///< how it ended, plain text
  std::vector<std::string> warnings;
  std::vector<TimeSeries> series;
  std::vector<Quantity> quantities;
};

/// Collective.
template <class Real>
void write_run_report(const SimulationJob& job, const RunReport& report,
                      const mesh::State<Real>& state, solvers::Stepper<Real>& stepper);

}  // namespace understudy::apps
