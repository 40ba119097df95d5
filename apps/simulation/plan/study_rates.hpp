// What a pilot measured of a deck: wall times and bytes of single pieces of its study.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/maybe.hpp"

namespace understudy::apps {

/// What a rank sends (core/traffic.hpp); of the rank that has most.
struct SentRates {
  double messages = 0, bytes = 0;
  double collectives = 0, collective_bytes = 0;
};

/// One simulation on so many ranks. Bytes and messages are those of the rank that has most.
struct SimulationRates {
  std::string name;              ///< "member 1", "128 x 64, flow.cfl=0.8"
  std::vector<long long> cells;  ///< along x, y, z; of a cubed sphere along x and y of a panel
  int ranks = 1;
  double setup_s = 0;                        ///< grid, stepper and initial state
  double window_s = 0;                       ///< wall time of a window
  double steps = 0;                          ///< of a window
  double cell_updates = 0;                   ///< of a window, of all ranks
  double look_s = 0;                         ///< diagnostics of a state, once
  SentRates sent{};                          ///< of a window
  double memory_bytes = 0, state_bytes = 0;  ///< of a rank
};

/// Frames of the dataset.
struct FrameRates {
  double write_s = 0;       ///< of a frame, by all ranks of its simulation
  double statistics_s = 0;  ///< of a frame of the training samples
  double bytes = 0;
};

struct OutputRates {
  double write_s = 0, bytes = 0;  ///< of an output of a run
  double checkpoint_bytes = 0;
};

/// Training sequences of one length.
struct PhaseRates {
  int unroll = 1;
  double sequence_s = 0;  ///< of a sequence of a rank's share of a batch
  double sum_s = 0;  ///< of a batch: gradients between nodes, where it is not in the measured time
};

struct TrainingRates {
  std::vector<PhaseRates> phases;
  double setup_s = 0, frame_s = 0, frame_square_s = 0;  ///< setup + frame n + frame_square n^2
  double validation_s = 0;   ///< of a window of a rollout of a rank's share of the starts
  int last_validations = 1;  ///< after the last epoch
  double threads = 1;        ///< of a rank, while training
  double weights = 0, model_bytes = 0, checkpoint_bytes = 0;
  double memory_bytes = 0;  ///< of a rank, at least
};

/// A network in the simulation's place.
struct CallRates {
  core::Maybe<double> window_s;  ///< of a window, what stands around the network included
  double operations = 0;         ///< of the network in a call
  int ranks = 1;
  SentRates sent{};              ///< of a window
  std::vector<long long> cells;  ///< of the network's grid
  /// Of the cells of a block along every axis where the network is called on all ranks' blocks; 0: on whole fields.
  long long block_multiple = 0;
  long long channels = 0;  ///< that it makes, float32: what comes back of a gathered field
};

/// Calibrating the gates of a model (surrogates/swap/calibration.hpp).
struct CalibrationRates {
  double state_sample_s = 0, state_s = 0;  ///< of a training sample, and of a state of it
  double rollout_sample_s = 0,
         window_s = 0;  ///< of a held-out sample, and of a window of its rollouts
};

struct StudyRates {
  std::vector<std::pair<long long, SimulationRates>> members;  ///< by number; on a group's ranks
  SimulationRates run, compared;
  std::vector<SimulationRates> classical;
  double spectral_start_bytes = 0;  ///< what a spectral one of these takes for a while to start
  FrameRates frames;
  OutputRates outputs;
  std::vector<TrainingRates> trainings;  ///< as StudyWork::trainings
  CalibrationRates calibration;
  std::vector<CallRates> calls;  ///< of these networks
  double program_bytes = 0;      ///< of a rank before anything is made
};

}  // namespace understudy::apps
