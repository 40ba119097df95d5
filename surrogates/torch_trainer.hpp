// The training loop's state and its operations (private to surrogates/): one Trainer is one
// training, which can be saved and restored exactly. Nothing random is kept: order and noise are
// functions of seed, epoch and step.
#pragma once

#include <vector>

#include "surrogates/torch_network.hpp"
#include "surrogates/torch_training_data.hpp"

namespace understudy::surrogates {

/// Per channel over a rollout: relative L2 errors in physical units.
struct RolloutErrors {
  std::vector<double> one_window, rollout, persistence;  ///< [channel]
  long long windows = 0;
  double score() const;  ///< mean over channels of the rollout error; large if not finite
};

class Trainer {
 public:
  Trainer(const TrainingData& data, const NetworkParams& network, const TrainingParams& params);

  /// Trains on one batch of sequences of `unroll` windows; returns the loss.
  double step(const std::vector<Sequence>& batch, int unroll, double rate);
  /// Rollouts on the held-out samples with the given flat weights.
  RolloutErrors validate(const at::Tensor& flat) const;
  /// The weights that validation and use take: the moving average, or the weights themselves.
  const at::Tensor& averaged() const { return params_.average_decay > 0 ? average_ : weights_; }

  /// What a checkpoint holds beyond the loop's own counters.
  void save(std::vector<std::pair<std::string, at::Tensor>>& tensors) const;
  void restore(const std::vector<std::pair<std::string, at::Tensor>>& tensors);

  long long steps = 0;
  Network network;

 private:
  void optimise(double rate);
  at::Tensor noisy(const at::Tensor& state) const;

  const TrainingData& data_;
  TrainingParams params_;
  at::Tensor weights_, gradient_, mean_, square_, average_, decayed_;  ///< flat
  std::vector<at::Tensor> slices_;  ///< of weights_, with gradients
};

}  // namespace understudy::surrogates
