#include "surrogates/points/torch_point_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/params_text.hpp"

namespace understudy::surrogates {

namespace {

// The training loop knows the card of fields: one channel an output.
ModelCard loop_card(PointCard card) {
  ModelCard loop;
  loop.name = card.name;
  for (const ColumnCard& c : card.outputs) {
    FieldCard field;
    field.name = c.name;
    field.unit = c.unit;
    loop.fields.push_back(field);
  }
  loop.dataset_hash = params_text(card);  // identifies the data, the split and the network
  return loop;
}

}  // namespace

PointTrainer::PointTrainer(const PointCard& card, const PointSet& train, const PointSet& valid,
                           const TrainingParams& params)
    : Trainer(Network(card.network.network(), card.shape(), params.seed), loop_card(card), params),
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

RolloutErrors PointTrainer::validate(const at::Tensor& flat) const {
  const c10::InferenceMode no_autograd;
  const at::Tensor predicted =
      network.impl().architecture->forward(valid_.inputs, slices(flat.cpu(), network.impl().specs));
  const at::Tensor errors = (predicted - valid_.outputs).square().mean(0).sqrt();
  RolloutErrors result;
  for (std::int64_t c = 0; c < errors.size(0); ++c) {
    result.rollout.push_back(errors[c].item<double>());
    result.one_window.push_back(result.rollout.back());
    result.persistence.push_back(1);
  }
  return result;
}

}  // namespace understudy::surrogates
