// The calibration of gates as train does it, on a few frames of the pilot's data.
#pragma once

#include <filesystem>

#include "apps/simulation/plan/study_rates.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::apps {

/// Few and more training states, short and longer rollouts: what lies between is a state's and a window's. `data`: what
/// `model` was trained on. Collective.
template <class Real>
CalibrationRates pilot_calibration(const SimulationJob& job, const surrogates::FieldModel& model,
                                   const std::filesystem::path& data);

}  // namespace understudy::apps
