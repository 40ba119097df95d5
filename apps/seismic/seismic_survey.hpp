// From a seismic deck to what computes it: plan and stepper.
#pragma once

#include <memory>
#include <vector>

#include "apps/seismic/seismic_deck.hpp"
#include "solvers/seismic/survey_plan.hpp"
#include "solvers/seismic/wave_stepper.hpp"

namespace understudy::apps::seismic {

/// UserError where an acoustic equation is given an elastic model or the other way round.
solvers::seismic::SurveyPlan plan_of(const SeismicJob& job,
                                     const solvers::seismic::EarthModel& model);

/// UserError where the fields of a shot (with `supershots` also those of a supershot, which encoded inversions hold
/// beside them) and the gathers of all would not fit into memory.
void require_survey_fits(const SeismicJob& job, const solvers::seismic::SurveyPlan& plan,
                         int supershots = 0);

/// The solver of the deck's equation for a model, on this rank's group. Collective over the group.
template <class Real>
std::shared_ptr<solvers::seismic::WaveStepper<Real>> make_wave_stepper(
    const SeismicJob& job, const solvers::seismic::SurveyPlan& plan,
    const solvers::seismic::EarthModel& model, const solvers::seismic::ShotGroups& groups);

/// Everything that can be wrong with survey, model and outputs, without computing.
void check_survey(const SeismicJob& job);

}  // namespace understudy::apps::seismic
