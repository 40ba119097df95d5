// How a network is trained; training.hpp says what the numbers mean.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

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
  std::string precision = "float32";    ///< of the network while training: float32, bfloat16, auto
  std::vector<long long> unroll{1, 2};  ///< windows per training sequence, one entry a phase
  std::vector<double> unroll_fractions{0.5};  ///< where each phase but the last ends (of the whole)
  double average_decay = 0.995;               ///< of the moving average of the weights; 0: none
  int rollout_windows = 40;                   ///< length of the validation rollout
  int rollout_starts = 2;                     ///< rollouts per held-out sample, evenly spaced
  int validate_every = 5;                     ///< epochs
  int patience = 0;          ///< validations without a better rollout; 0: to the end
  int checkpoint_every = 5;  ///< epochs
  int skip_windows = 0;      ///< frames left out at each sample's start (transients)
  int threads = 0;           ///< while training; 0: core::Runtime::most_threads()
  int members = 1;           ///< networks trained from different seeds (gate disagreement)
  long long seed = 1;
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::surrogates
