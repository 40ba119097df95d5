// What a training loop trains (private to surrogates/): a network, its data and its optimiser, which can
// be saved and restored exactly. Nothing random is kept: order and noise are functions of seed, epoch
// and step.
#pragma once

#include <memory>
#include <vector>

#include "surrogates/torch_network.hpp"
#include "surrogates/torch_optimiser.hpp"
#include "surrogates/torch_training_data.hpp"

namespace understudy::surrogates {

/// Per channel over a rollout: relative L2 errors in physical units.
struct RolloutErrors {
  std::vector<double> one_window, rollout, persistence;  ///< [channel]
  long long windows = 0;
  double score() const;  ///< mean over channels of the rollout error; large if not finite
};

/// One step of the schedule.
struct StepPlan {
  int unroll = 1;
  double rate = 0;
  double progress = 0;  ///< of the whole training, in [0, 1]
};

class Trainer {
 public:
  virtual ~Trainer() = default;
  /// Number of training sequences of `unroll` windows.
  virtual std::int64_t sequences(int unroll) const = 0;
  /// Trains on the sequences of these indices (each in [0, sequences(unroll))); returns the loss.
  virtual double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) = 0;
  /// Rollouts on the held-out samples with the given trained weights, flat.
  virtual RolloutErrors validate(const at::Tensor& flat) const = 0;
  /// The data alone determine the model: nothing is left to train by steps.
  virtual bool closed_form() const { return false; }

  Network network;
  ModelCard card;  ///< what the data say of the model
  Optimiser optimiser;

 protected:
  Trainer(Network n, ModelCard c, const TrainingParams& params)
      : network(std::move(n)), card(std::move(c)), optimiser(network, params), params_(params) {}
  TrainingParams params_;
};

/// Networks on fields: the loss of training.hpp, backpropagated through the unrolled windows.
class FieldTrainer : public Trainer {
 public:
  FieldTrainer(TrainingData data, const NetworkParams& network, const TrainingParams& params);
  std::int64_t sequences(int unroll) const override;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override;
  RolloutErrors validate(const at::Tensor& flat) const override;

 private:
  std::vector<Sequence> pick(const std::vector<std::int64_t>& batch, int unroll) const;
  at::Tensor noisy(const at::Tensor& state) const;

  TrainingData data_;
};

/// The trainer of the network's kind. UserError where data and network disagree.
std::unique_ptr<Trainer> make_trainer(const DatasetReader& reader, const NetworkParams& network,
                                      const TrainingParams& params);

}  // namespace understudy::surrogates
