// The trainer of one member of an ensemble on points (private to surrogates/).
#pragma once

#include <ATen/core/Tensor.h>

#include "surrogates/points/point_model.hpp"
#include "surrogates/training/torch_trainer.hpp"

namespace understudy::surrogates {

/// Normalised points of one split, on the CPU.
struct PointSet {
  at::Tensor inputs, outputs;  ///< [point, input], [point, output], float32
  std::int64_t size() const { return inputs.size(0); }
};

class PointTrainer : public Trainer {
 public:
  /// `card`: what the data say of the model; its text identifies the data in checkpoints.
  PointTrainer(const PointCard& card, const PointSet& train, const PointSet& valid,
               const TrainingParams& params);
  std::int64_t sequences(int) const override { return train_.size(); }
  /// Mean square error of the normalised outputs.
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override;
  /// Root mean square error of the normalised outputs, mean over them; 1 is what a constant would have.
  double error(const at::Tensor& flat) const override;

 private:
  PointSet train_, valid_;
};

}  // namespace understudy::surrogates
