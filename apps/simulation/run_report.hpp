// run.html: a run's diagnostics over time, its quantities and its last state.
#pragma once

#include <string>
#include <vector>

#include "apps/report/html.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "apps/study/time_series.hpp"
#include "mesh/io/picture.hpp"
#include "solvers/stepper.hpp"

namespace understudy::apps {

struct RunReport {
  std::string lead;  ///< how it ended, plain text
  std::vector<std::string> warnings;
  std::vector<TimeSeries> series;
  std::vector<Quantity> quantities;
};

/// A slice of such a grid with its axes, for a page.
report::FramedPicture framed_slice(const mesh::GridParams& grid, const mesh::Slice& slice,
                                   const mesh::PictureStyle& style, const std::string& title,
                                   const std::string& note);

/// Collective.
template <class Real>
void write_run_report(const SimulationJob& job, const RunReport& report,
                      const mesh::State<Real>& state, solvers::Stepper<Real>& stepper);

}  // namespace understudy::apps
