// The trainer of networks on fields (private to surrogates/).
#pragma once

#include <span>
#include <vector>

#include "surrogates/fields/torch_rollout_trainer.hpp"
#include "surrogates/fields/torch_training_data.hpp"

namespace understudy::surrogates {

/// Networks on fields: the loss of training.hpp, backpropagated through the unrolled windows. With data on blocks all
/// tensors of cells are those of this rank's block, and the group's ranks go through a batch together.
class FieldTrainer : public RolloutTrainer {
 public:
  FieldTrainer(TrainingData data, const NetworkParams& network, const TrainingParams& params,
               const core::Comm& comm = core::Comm::self());
  std::int64_t sequences(int unroll) const override;
  void expect(std::span<const std::int64_t> sequences, std::size_t batch, int unroll) override;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override;
  RolloutErrors validate(const at::Tensor& flat) const override;
  std::vector<PrecisionCard> precision_errors(const at::Tensor& flat) const override;
  bool streams() const override { return data_.stream != nullptr; }
  double bytes_read() const override { return data_.bytes_read(); }

 protected:
  /// Where the rows of a batch are: in trajectories, so many frames after the first of each sequence.
  struct Moment {
    const std::vector<Trajectory>& from;
    const std::vector<Sequence>& of;
    std::int64_t after;
  };
  /// What is predicted for one window on from normalised states at `at`, normalised; `constant` is in the precision of
  /// the network, states are float32.
  virtual at::Tensor next(const at::Tensor& state, const Moment& at, const at::Tensor& constant,
                          const std::vector<at::Tensor>& weights) const;
  /// The loss of this rank's sequences, mean over them; `first`: the first one's place in the batch.
  virtual at::Tensor part_of_loss(const std::vector<Sequence>& batch, int unroll,
                                  std::size_t first);
  at::Tensor frames(const std::vector<Trajectory>& from, const std::vector<Sequence>& batch,
                    std::int64_t after) const;
  at::Tensor own_frames(const std::vector<Trajectory>& from, const std::vector<Sequence>& batch,
                        std::int64_t after) const;
  at::Tensor beside(const std::vector<Trajectory>& from, const std::vector<Sequence>& batch) const;
  /// The cells' weights beside `frames`: [batch, 1, (z,) (y,) x]; undefined where cells are alike.
  at::Tensor cell_weights(const std::vector<Trajectory>& from,
                          const std::vector<Sequence>& batch) const;
  at::Tensor called(const at::Tensor& input, const std::vector<at::Tensor>& weights) const;
  /// Values that a tensor of this shape has over the cells of all blocks.
  double values_of_whole(const at::Tensor& of_block) const;
  at::Tensor noisy(const at::Tensor& state, std::size_t first) const;
  /// States with their constant channels at 0, their mean.
  at::Tensor masked(const at::Tensor& state) const;
  /// The network's constants and the given trained weights.
  std::vector<at::Tensor> all_weights(const std::vector<at::Tensor>& trained) const;

  TrainingData data_;
  at::Device device_;  ///< of network and batches; trajectories stay in host memory or in files
  at::MemoryFormat layout_;
  at::Tensor varying_;     ///< varying_mask(), undefined where every channel varies
  at::Tensor loss_scale_;  ///< data_.scale, and 1 of constant channels

 private:
  RolloutErrors validate_in(at::ScalarType type, const at::Tensor& flat) const;
  std::vector<Sequence> pick(std::span<const std::int64_t> batch, int unroll) const;
  std::span<const std::int64_t> own(std::span<const std::int64_t> batch) const;
  bool states() const { return predicts_state(network.params()); }
  std::vector<Sequence> validation_starts(long long windows) const;
  at::Tensor rollouts(const std::vector<Sequence>& starts, long long windows, at::ScalarType type,
                      const std::vector<at::Tensor>& weights) const;
};

}  // namespace understudy::surrogates
