// Training: the network predicts the increment over one window, in units of the increments'
// standard deviation; the loss is its mean square over `unroll` windows, backpropagated through all
// of them (curriculum: 1, then more), from states with a little noise added, so that a rollout
// learns to return from its own errors (Sanchez-Gonzalez et al. 2020; Brandstetter et al. 2022).
// AdamW (Loshchilov & Hutter 2019), warm-up and cosine decay, gradient clipping, an exponential
// moving average of the weights. The weights kept are those with the best rollout on the held-out
// samples (split `valid`; without one, the last training sample is held out).
//
// Deterministic by seed for a given thread count; a run that was stopped and resumed is bitwise the
// uninterrupted one. Rank 0 trains with all its threads, other ranks wait: the cost counts what the
// training holds, wall time x ranks x threads, and not only what works.
#pragma once

#include <filesystem>
#include <vector>

#include "core/comm.hpp"
#include "core/params.hpp"
#include "core/provenance.hpp"
#include "surrogates/dataset.hpp"
#include "surrogates/model.hpp"

namespace understudy::surrogates {

/// The deck's `training:` section.
struct TrainingParams {
  int epochs = 40;
  double max_time_s = 0;  ///< the schedule is shortened to end by this wall time; 0: no limit
  int batch = 8;
  double learning_rate = 2e-3;
  double warm_up = 0.05;     ///< fraction of the steps over which the rate rises from 0
  double final_rate = 0.01;  ///< fraction of learning_rate at the end
  double weight_decay = 1e-4;
  double gradient_clip = 1;  ///< largest norm; 0: none
  double noise = 0.1;        ///< std of input noise, in units of that of each field's increment
  std::string precision = "float32";          ///< of the network while training: float32, bfloat16
  std::vector<long long> unroll{1, 2};        ///< windows per training sequence, one entry a phase
  std::vector<double> unroll_fractions{0.5};  ///< where each phase but the last ends (of the whole)
  double average_decay = 0.995;               ///< of the moving average of the weights; 0: none
  int rollout_windows = 40;                   ///< length of the validation rollout
  int rollout_starts = 2;                     ///< rollouts per held-out sample, evenly spaced
  int validate_every = 5;                     ///< epochs
  int checkpoint_every = 5;                   ///< epochs
  int skip_windows = 0;  ///< frames left out at each sample's start (transients)
  int threads = 0;       ///< while training; 0: core::Runtime::most_threads()
  long long seed = 1;
  void describe(core::ParamVisitor& v);
};

/// One line of the loss curve.
struct EpochRecord {
  long long epoch = 0;
  int unroll = 1;
  double learning_rate = 0, loss = 0;
  double validation = -1;  ///< mean rollout error over fields; -1: not measured in this epoch
  double wall_s = 0;       ///< since the start of training, earlier runs included
};

struct TrainingReport {
  Model model;  ///< with the best weights; its card is complete
  std::vector<EpochRecord> curve;
  double wall_s = 0;  ///< earlier, resumed parts included
  double core_s = 0;  ///< the same, times the ranks and threads that each part held
  int threads = 1;
  bool ended_by_time = false;
  double samples_per_s = 0;  ///< windows trained a second
};

/// Where a training keeps itself. `checkpoint`: exact resume (deleted at the end by the caller, if
/// at all); `curve`: CSV. Empty: none.
struct TrainingFiles {
  std::filesystem::path checkpoint, curve;
  bool resume = false;  ///< continue from the checkpoint if it is there
  long long pause_after_steps =
      0;  ///< stop after so many steps of this call, as a signal does; 0: never
};

/// What a training is asked for.
struct TrainingSetup {
  NetworkParams network;
  TrainingParams training;
  TrainingFiles files{};
  core::Provenance provenance{};  ///< goes into the card
};

/// Collective over `comm`; the model is on every rank. UserError when the data do not serve (too
/// few frames, another grid, a size that the network does not take); Interrupted on a signal, after a
/// checkpoint.
TrainingReport train(const DatasetReader& data, const TrainingSetup& setup, const core::Comm& comm);

}  // namespace understudy::surrogates
