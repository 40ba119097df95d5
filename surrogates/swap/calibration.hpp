// Calibration of a model's gates, in two steps on a dataset.
//
// 1. Reference: training frames, evenly spaced, give the training states of the distance gate and the
//    ranges of the truth's diagnostics; so does the surrogate's prediction of one window from each of them
//    for the diagnostics, because what constrain() leaves of a prediction (its divergence) differs from
//    what a simulation's own steps leave.
// 2. Rollouts of the surrogate over held-out samples, from starts evenly spaced: those of the split test
//    where there are any, which neither weights nor choices of the training have seen; else those of the
//    split valid that the card names, on which the weights were chosen, so that errors and scores there
//    are a little better than elsewhere: for each window every gate's score of the prediction and the error of the rollout against
//    the dataset's frame, mean over prognostic fields of ||predicted - true|| / ||true||.
//
// The rollouts are not gated: errors above any that a gated run would reach are among them, and what is
// not finite, or fails (RunError), ends a rollout with infinite scores and error for that window. Frames
// that the training left out (skip_windows) are left out here, too.
//
// Limits: windows of one rollout depend on each other, and held-out samples are few. docs/trust.md says
// what that does to the promise.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "solvers/stepper.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/swap/guard.hpp"
#include "surrogates/swap/trust_reference.hpp"

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

/// Step 1 looks at every so many-th frame of the training samples, `frames` in all, so that about
/// params.calibration.reference_frames are taken. Of one sample it takes `states_taken`.
long long state_stride(const GateParams& params, long long frames);
long long states_taken(long long frames_of_sample, long long skipped, long long stride);

/// The rollouts of a held-out sample in step 2; none where its frames are too few.
struct RolloutStarts {
  long long length = 0;  ///< windows of each
  long long count = 0;
  long long skipped = 0, room = 0;  ///< frames before the first start, and from there to the last
  long long first(long long n) const { return skipped + (count > 1 ? n * room / (count - 1) : 0); }
};
RolloutStarts rollout_starts(const GateParams& params, long long frames_of_sample,
                             long long skipped);

/// Step 1. UserError when the dataset is another one than the card's. Collective.
template <class Real>
TrustReference make_reference(const CalibrationSetup<Real>& setup);

/// Step 2, over `samples` (indices into the dataset). Collective.
template <class Real>
CalibrationTable score_rollouts(const CalibrationSetup<Real>& setup,
                                std::shared_ptr<const TrustReference> reference,
                                const std::vector<int>& samples);

/// Both steps; an empty table where there is no held-out sample. Collective.
template <class Real>
TrustReference calibrate(const CalibrationSetup<Real>& setup);

/// Samples (indices into the dataset) that the calibration rests on, and their split.
struct HeldOut {
  std::string split;  ///< test or valid
  std::vector<int> samples;
};
HeldOut held_out(const DatasetReader& data, const ModelCard& card);

/// Writes thresholds at `params`' settings into the card.
void note_calibration(const TrustReference& reference, const GateParams& params,
                      const HeldOut& held, ModelCard& card);

}  // namespace understudy::surrogates
