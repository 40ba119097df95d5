// Calibration of a model's gates, in two steps on a dataset.
//
// 1. Reference: training frames, evenly spaced, give the training states of the distance gate and the
//    ranges of the truth's diagnostics; so does the surrogate's prediction of one window from each of them
//    for the diagnostics, because what constrain() leaves of a prediction (its divergence) differs from
//    what a simulation's own steps leave.
// 2. Rollouts of the surrogate over the held-out samples that the card names (split valid), from starts
//    evenly spaced: for each window every gate's score of the prediction and the error of the rollout against
//    the dataset's frame, mean over prognostic fields of ||predicted - true|| / ||true||.
//
// The rollouts are not gated: errors above any that a gated run would reach are among them, and what is
// not finite ends a rollout with infinite scores and error for that window.
//
// Limits: windows of one rollout depend on each other, and held-out samples are few. docs/trust.md says
// what that does to the promise.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "solvers/stepper.hpp"
#include "surrogates/dataset.hpp"
#include "surrogates/guard.hpp"
#include "surrogates/model.hpp"
#include "surrogates/trust_reference.hpp"

namespace understudy::surrogates {

/// What stands for one sample: its simulation, the surrogate told its parameters, and other networks.
template <class Real>
struct CalibrationCase {
  std::shared_ptr<solvers::Stepper<Real>> truth, surrogate;
  std::vector<std::shared_ptr<solvers::Stepper<Real>>> members;
  std::vector<double> parameters;  ///< in the order of the card
};

template <class Real>
struct CalibrationSetup {
  const DatasetReader& data;
  ModelCard card;
  GateParams params;
  int members = 1;  ///< networks of the model
  /// Collective.
  std::function<CalibrationCase<Real>(const SampleInfo&)> make_case{};
  /// The gates that are calibrated, by name.
  std::vector<std::string> gates{};
  std::function<std::unique_ptr<Gate<Real>>(const std::string&, const GateContext<Real>&)>
      make_gate{};
};

/// Step 1. UserError when the dataset is another one than the card's. Collective.
template <class Real>
TrustReference make_reference(const CalibrationSetup<Real>& setup);

/// Step 2, over `samples` (indices into the dataset). Collective.
template <class Real>
CalibrationTable score_rollouts(const CalibrationSetup<Real>& setup,
                                std::shared_ptr<const TrustReference> reference,
                                const std::vector<int>& samples);

/// Both steps; an empty table where the card names no held-out sample. Collective.
template <class Real>
TrustReference calibrate(const CalibrationSetup<Real>& setup);

/// Held-out samples of the dataset that the card names.
std::vector<int> held_out(const DatasetReader& data, const ModelCard& card);

/// Writes thresholds at `params`' settings into the card.
void note_calibration(const TrustReference& reference, const GateParams& params, ModelCard& card);

}  // namespace understudy::surrogates
