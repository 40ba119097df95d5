// The trainer of maps between arrays (private to surrogates/); array_map_training.hpp says what it does.
#pragma once

#include <ATen/core/Tensor.h>

#include "surrogates/arrays/array_map_training.hpp"
#include "surrogates/training/torch_trainer.hpp"

namespace understudy::surrogates {

/// Scaled samples of one split: inputs in the training's type, outputs float32.
struct ScaledPairs {
  at::Tensor inputs, outputs;  ///< [sample, input...], [sample, output...]
  std::int64_t size() const { return inputs.size(0); }
};

class ArrayMapTrainer : public Trainer {
 public:
  /// `card`: what the data say of the model; its text identifies the data in checkpoints.
  ArrayMapTrainer(const ArrayMapCard& card, ScaledPairs train, ScaledPairs valid,
                  const ArrayMapTrainingParams& params, const core::Comm& comm);
  std::int64_t sequences(int) const override { return train_.size(); }
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override;
  double error(const at::Tensor& flat) const override;

 private:
  ScaledPairs mirrored(const ScaledPairs& batch) const;
  ScaledPairs picked(const std::vector<std::int64_t>& batch, const Share& mine) const;
  at::Tensor predicted(const at::Tensor& inputs, const std::vector<at::Tensor>& weights) const;
  /// Mean over the samples.
  at::Tensor loss(const at::Tensor& predicted, const at::Tensor& truth,
                  const std::string& kind) const;

  ArrayMapCard card_;
  ArrayMapTrainingParams own_;
  ScaledPairs train_, valid_;
};

}  // namespace understudy::surrogates
