// A network's training and its calls on a few frames, for a few seconds: what a sequence, a validation and a window
// take.
#pragma once

#include <filesystem>
#include <vector>

#include "apps/simulation/plan/simulation_pilot.hpp"
#include "apps/simulation/plan/study_work.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/training/training_record.hpp"

namespace understudy::apps {

/// Two datasets of one training and one held-out sample each, as the deck would write them: a few simulated states,
/// repeated as often as the pilots of all networks need, with a disturbance of two parts in a hundred so that no two
/// frames are alike (none where a network corrects: what its solver misses is to be the simulation's own). The second
/// has half as many frames.
struct PilotData {
  std::filesystem::path whole, half;
  long long frames = 0, half_frames = 0;  ///< of each sample
  FrameRates rates;
};

/// Collective.
template <class Real>
PilotData write_pilot_data(const SimulationJob& job, const StudyWork& work,
                           const std::vector<mesh::State<Real>>& frames,
                           const std::filesystem::path& folder);

/// What a training that the clock ended took, wall time.
struct TrainingTimes {
  double around_s = 0;      ///< before the first epoch and after the last
  double step_s = 0;        ///< of a batch
  double validation_s = 0;  ///< of the validation after the last epoch
};
/// Read off whole epochs of `batches` steps where there are some, else off the steps that were made, which took
/// `steps_s`: the clock cuts the last epoch short.
TrainingTimes training_times(const surrogates::TrainingRecord& record, double batches,
                             double steps_s);

struct TrainedPilot {
  TrainingRates rates;
  surrogates::FieldModel model;
};

/// Trains the network of `job`'s deck once for every length of sequences in `work`, each for its share of `seconds`
/// and by whole batches of the deck's size where the pilot's data have so many sequences, and once on the half of the
/// data for what reading and preparing takes. Files go into `folder`. Collective. UserError, RunError as train.
TrainedPilot pilot_training(const SimulationJob& job, const TrainingWork& work,
                            const PilotData& data, const std::filesystem::path& folder,
                            double seconds);

/// Calls of the pilot's network from `state` in the simulation's place, some in a row. Collective.
template <class Real>
CallRates pilot_calls(SimulationDeck& deck, std::shared_ptr<solvers::Stepper<Real>> truth,
                      const mesh::State<Real>& state, const surrogates::FieldModel& model,
                      double seconds);

}  // namespace understudy::apps
