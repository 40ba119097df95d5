// Pages of seismic runs and inversions: run.html and invert.html.
#pragma once

#include <vector>

#include "apps/seismic/seismic_inversion.hpp"
#include "solvers/seismic/survey/gathers.hpp"

namespace understudy::apps::seismic {

/// The model and the first shot's gathers, with axes. Rank 0 only.
void write_survey_page(const SeismicJob& job, const solvers::seismic::EarthModel& model,
                       const solvers::seismic::SurveyPlan& plan,
                       const std::vector<solvers::seismic::GatherSet>& sets);

/// What an inversion's page shows beside its state.
struct InversionPage {
  const InversionProblem& problem;
  const solvers::seismic::InversionState& state;
  double start_misfit = 0, end_misfit = 0;                ///< as the last stage sees the data
  const std::vector<solvers::seismic::Gather>& at_start;  ///< predicted, [shot]
  const std::vector<solvers::seismic::Gather>& at_end;
};
/// Convergence, data fit of the middle shot, models with axes. Rank 0 only.
void write_inversion_page(const SeismicJob& job, const InversionPage& page);

}  // namespace understudy::apps::seismic
