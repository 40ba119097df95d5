// What a training loop trains (private to surrogates/): a network, its data and its optimiser, which can
// be saved and restored exactly. Nothing random is kept: order and noise are functions of seed, epoch,
// step and place in the batch, whatever the number of ranks.
#pragma once

#include <memory>
#include <vector>

#include "core/comm.hpp"
#include "surrogates/fields/torch_training_data.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/torch_gradient_buckets.hpp"
#include "surrogates/training/torch_optimiser.hpp"

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

/// While one lives, memory that tensors give back stays with the process for the next ones: glibc would
/// return blocks of more than 32 MiB to the system each time, and touching them anew costs page faults
/// in every step.
class KeptMemory {
 public:
  KeptMemory();
  ~KeptMemory();
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;
};

class Trainer {
 public:
  virtual ~Trainer() = default;
  /// Number of training sequences of `unroll` windows.
  virtual std::int64_t sequences(int unroll) const = 0;
  /// Trains on the sequences of these indices (each in [0, sequences(unroll))); returns the loss of the
  /// whole batch. Collective: every rank is given the whole batch and takes its share() of it.
  virtual double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) = 0;
  /// Rollouts on the held-out samples with the given trained weights, flat; shared out over the ranks.
  /// Collective; the same on all ranks.
  virtual RolloutErrors validate(const at::Tensor& flat) const = 0;
  /// The data alone determine the model: nothing is left to train by steps.
  virtual bool closed_form() const { return false; }

  Network network;
  ModelCard card;  ///< what the data say of the model
  Optimiser optimiser;

  /// Errors of the same rollouts with the network in each precision that these ranks compute in.
  /// Collective.
  virtual std::vector<PrecisionCard> precision_errors(const at::Tensor&) const { return {}; }
  /// Of the held-out frames, by a model with modes and by as many linear ones; empty for others. Collective.
  virtual std::vector<ReconstructionCard> reconstruction_errors(const at::Tensor&) const {
    return {};
  }
  const core::Comm& comm() const { return comm_; }

 protected:
  Trainer(Network n, ModelCard c, const TrainingParams& params,
          const core::Comm& comm = core::Comm::self());
  /// This rank's items of `count`: consecutive, as even as can be; none where there are more ranks.
  struct Share {
    std::size_t first = 0, count = 0;
  };
  Share share(std::size_t count) const;
  /// One step of the optimiser down the gradient of the sum over ranks of `part` (undefined on a rank
  /// without a share); returns that sum. RunError on all ranks when it is not finite. Collective.
  double descend(const at::Tensor& part, double rate);

  TrainingParams params_;

 private:
  KeptMemory memory_;
  core::Comm comm_;
  GradientBuckets buckets_;
};

/// Networks on fields: the loss of training.hpp, backpropagated through the unrolled windows.
class FieldTrainer : public Trainer {
 public:
  FieldTrainer(TrainingData data, const NetworkParams& network, const TrainingParams& params,
               const core::Comm& comm = core::Comm::self());
  std::int64_t sequences(int unroll) const override;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override;
  RolloutErrors validate(const at::Tensor& flat) const override;
  std::vector<PrecisionCard> precision_errors(const at::Tensor& flat) const override;

 protected:
  /// The loss of this rank's sequences, mean over them; `first`: the first one's place in the batch.
  virtual at::Tensor part_of_loss(const std::vector<Sequence>& batch, int unroll,
                                  std::size_t first);
  at::Tensor frames(const std::vector<Trajectory>& from, const std::vector<Sequence>& batch,
                    std::int64_t after) const;
  at::Tensor beside(const std::vector<Trajectory>& from, const std::vector<Sequence>& batch) const;
  at::Tensor noisy(const at::Tensor& state, std::size_t first) const;
  /// The network's constants and the given trained weights.
  std::vector<at::Tensor> all_weights(const std::vector<at::Tensor>& trained) const;

  TrainingData data_;
  at::Device device_;  ///< of network and batches; trajectories stay in host memory
  at::MemoryFormat layout_;

 private:
  RolloutErrors validate_in(at::ScalarType type, const at::Tensor& flat) const;
  std::vector<Sequence> pick(const std::vector<std::int64_t>& batch, int unroll) const;
  bool states() const { return predicts_state(network.params()); }
  at::Tensor next(const at::Tensor& state, const at::Tensor& constant,
                  const std::vector<at::Tensor>& weights) const;
  std::vector<Sequence> validation_starts(long long windows) const;
  at::Tensor rollouts(const std::vector<Sequence>& starts, long long windows, at::ScalarType type,
                      const std::vector<at::Tensor>& weights) const;
};

/// The trainer of the network's kind. UserError where data and network disagree.
std::unique_ptr<Trainer> make_trainer(const DatasetReader& reader, const NetworkParams& network,
                                      const TrainingParams& params, const core::Comm& comm);

}  // namespace understudy::surrogates
