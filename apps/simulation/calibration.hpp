// Gates between the deck, the model folder and surrogates/: calibrating them (train, calibrate) and
// making a run's guard from what calibration left.
#pragma once

#include <memory>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "apps/study/summary.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/swap/calibration.hpp"
#include "surrogates/swap/guard.hpp"

namespace understudy::apps {

/// The networks of a model folder; the first one stands in. UserError where another is not the one that its
/// card was written with.
std::vector<surrogates::FieldModel> read_models(const std::filesystem::path& folder, bool all);

/// Calibrates the model in the job's model folder on the job's dataset: trust.safetensors, and card and
/// README again. Warns and leaves the model uncalibrated where it names no held-out sample. Metrics under
/// `calibration`. Collective.
void calibrate_model(SimulationJob& job, Summary& summary);

/// The guard of a run by the calibration in the model folder. UserError where that is missing, damaged,
/// another model's, or lacks a gate that the deck wants. Collective.
template <class Real>
std::shared_ptr<surrogates::Guard<Real>> make_guard(const SimulationJob& job, SimulationDeck& deck,
                                                    std::shared_ptr<solvers::Stepper<Real>> truth);

/// What the setup of a calibration is made of, for the verbs and the benchmark.
template <class Real>
surrogates::CalibrationSetup<Real> calibration_setup(
    const SimulationJob& job, const surrogates::DatasetReader& data,
    const std::vector<surrogates::FieldModel>& models);

/// The model with the truth's constraints restored after every call: predictions as gates judge them
/// (guard.hpp), for the networks that the gate disagreement sets beside the model's.
inline surrogates::FieldModel constrained(surrogates::FieldModel model) {
  model.card.network.constrain = true;
  return model;
}

}  // namespace understudy::apps
