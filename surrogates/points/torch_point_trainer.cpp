#include "surrogates/points/torch_point_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/params_text.hpp"

namespace understudy::surrogates {

namespace {

// The data, their split and the network.
std::string identity_of(PointCard card) { return params_text(card); }

}  // namespace

PointTrainer::PointTrainer(const PointCard& card, const PointSet& train, const PointSet& valid,
                           const TrainingParams& params)
    : Trainer(Network(card.network.network(), card.shape(), params.seed), identity_of(card),
              params),
      train_(train),
      valid_(valid) {
  const at::Device device = optimiser.averaged().device();
  train_ = {train_.inputs.to(device), train_.outputs.to(device)};
}

double PointTrainer::step(const std::vector<std::int64_t>& batch, const StepPlan& plan) {
  const at::Tensor rows = at::tensor(batch, at::kLong).to(train_.inputs.device());
  const at::Tensor predicted = network.impl().architecture->forward(
      train_.inputs.index_select(0, rows), optimiser.weights());
  const at::Tensor loss = (predicted - train_.outputs.index_select(0, rows)).square().mean();
  const double value = loss.item<double>();
  if (!std::isfinite(value))
    throw core::RunError(core::format(
        "training: the loss is {} at step {}; a lower training.learning_rate or gradient_clip may "
        "help",
        value, optimiser.steps));
  loss.backward();
  optimiser.step(plan.rate);
  return value;
}

double PointTrainer::error(const at::Tensor& flat) const {
  const c10::InferenceMode no_autograd;
  const at::Tensor predicted =
      network.impl().architecture->forward(valid_.inputs, slices(flat.cpu(), network.impl().specs));
  const at::Tensor errors = (predicted - valid_.outputs).square().mean(0).sqrt();
  double sum = 0;
  for (std::int64_t c = 0; c < errors.size(0); ++c) sum += bounded_error(errors[c].item<double>());
  return sum / static_cast<double>(errors.size(0));
}

}  // namespace understudy::surrogates
