// What a deck asks for, as counts: members, windows, sequences, epochs, rollouts. Nothing here is measured, and nothing
// is made.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"

namespace understudy::apps {

/// Epochs that train on sequences of one length.
struct PhaseWork {
  int unroll = 1;
  long long epochs = 0;
  long long batches = 0;  ///< of an epoch
  long long batch = 0;    ///< sequences of each
};

/// The training of one network.
struct TrainingWork {
  std::string name;  ///< of the contender; empty: the deck's own network
  std::vector<PhaseWork> phases;
  long long validations = 0;      ///< until the last epoch
  long long starts = 0;           ///< rollouts of each
  long long rollout_windows = 0;  ///< of each rollout
  double frames = 0;              ///< that are read, held-out ones included
  double max_time_s = 0;          ///< training.max_time_s; 0: none
  int networks = 1;               ///< training.members
  bool closed_form = false;       ///< dmd: the frames are all that it takes
};

struct SplitCounts {
  long long train = 0, valid = 0, test = 0;
};

/// `frames`: of each sample, before training.skip_windows.
TrainingWork training_work(const surrogates::NetworkParams& network,
                           const surrogates::TrainingParams& training, const SplitCounts& samples,
                           long long frames);

struct GenerateWork {
  long long members = 0;
  long long windows = 0;  ///< of each, the spin-up's included
  long long frames = 0;   ///< recorded of each
  int groups = 1;         ///< that simulate members side by side
  int ranks_each = 1;     ///< of a group
};

/// Calibrating the gates of the trained model.
struct CalibrationWork {
  long long samples = 0, states = 0;  ///< of the training that are looked at
  long long held_out = 0;             ///< samples of rollouts
  long long windows = 0;              ///< of all rollouts
};

struct RunWork {
  long long windows = 0, outputs = 0;
  double by_network = 0;  ///< share of the windows that a network advances
};

struct CompareWork {
  long long spin_up = 0, warm_up = 0, windows = 0, block = 0;
  int repeats = 0;
  double by_network = 0;     ///< as RunWork
  bool truth_error = false;  ///< one run at twice the resolution, which is not planned
};

struct StudyWork {
  bool learns = false;  ///< the deck has an ensemble: there is more than its run
  bool gated = false;   ///< swap.policy: gate
  SplitCounts samples;
  GenerateWork generate;
  std::vector<TrainingWork> trainings;  ///< the deck's network, then the contenders
  CalibrationWork calibration;
  RunWork run;
  CompareWork compare;
};

/// Share of `windows` windows from the start on that a policy leaves to the network; of `gate` all that it may leave.
double network_share(const surrogates::SwapParams& swap, long long windows, double window_s);

/// Of a deck on so many ranks. UserError where they do not fit it.
StudyWork study_work(const SimulationJob& job, int ranks);

}  // namespace understudy::apps
