#include "surrogates/arrays/torch_array_map_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "core/params_text.hpp"
#include "core/sampling.hpp"
#include "surrogates/arrays/torch_array_map.hpp"

namespace understudy::surrogates {

namespace {

// The data, the network and the loss.
std::string identity_of(ArrayMapCard card, ArrayMapTrainingParams params) {
  return params_text(card) + params_text(params);
}

at::Tensor flipped(const at::Tensor& samples, const std::vector<long long>& axes) {
  std::vector<std::int64_t> behind;
  for (const long long axis : axes) behind.push_back(axis + 1);
  return behind.empty() ? samples : samples.flip(behind);
}

}  // namespace

ArrayMapTrainer::ArrayMapTrainer(const ArrayMapCard& card, ScaledPairs train, ScaledPairs valid,
                                 const ArrayMapTrainingParams& params, const core::Comm& comm)
    : Trainer(make_operator_network(card, params.seed), identity_of(card, params),
              params.training(), comm),
      card_(card),
      own_(params),
      train_(std::move(train)),
      valid_(std::move(valid)) {}

ScaledPairs ArrayMapTrainer::mirrored(const ScaledPairs& batch) const {
  return {flipped(batch.inputs, card_.input.mirrored),
          flipped(batch.outputs, card_.output.mirrored)};
}

// This rank's samples; those that are mirrored come last. Which are depends on seed, step and place in the
// whole batch, and not on the number of ranks.
ScaledPairs ArrayMapTrainer::picked(const std::vector<std::int64_t>& batch,
                                    const Share& mine) const {
  std::vector<std::int64_t> plain, turned;
  const std::uint64_t step = core::mix(static_cast<std::uint64_t>(own_.seed), optimiser.steps);
  for (std::size_t n = mine.first; n < mine.first + mine.count; ++n)
    (own_.mirror && (core::mix(step, n) >> 63) != 0 ? turned : plain).push_back(batch[n]);
  const auto rows = [&](const std::vector<std::int64_t>& of) {
    const at::Tensor index = at::tensor(of, at::kLong);
    return ScaledPairs{train_.inputs.index_select(0, index), train_.outputs.index_select(0, index)};
  };
  if (turned.empty()) return rows(plain);
  const ScaledPairs other = mirrored(rows(turned));
  if (plain.empty()) return other;
  const ScaledPairs same = rows(plain);
  return {at::cat({same.inputs, other.inputs}), at::cat({same.outputs, other.outputs})};
}

// Float32, whatever the network computes in.
at::Tensor ArrayMapTrainer::predicted(const at::Tensor& inputs,
                                      const std::vector<at::Tensor>& weights) const {
  const at::Device device = optimiser.averaged().device();
  return network.impl().architecture->forward(inputs.to(device), weights).to(at::kFloat);
}

at::Tensor ArrayMapTrainer::loss(const at::Tensor& predicted, const at::Tensor& truth,
                                 const std::string& kind) const {
  const at::Tensor miss = predicted - truth.to(predicted.device());
  if (kind == "l1") return miss.abs().mean();
  if (kind == "l2") return miss.square().mean();
  if (kind == "l1_l2") return miss.abs().mean() + miss.square().mean();
  // Relative to the truth in its unit: linear scaling may have moved its zero.
  const ArrayScale& scale = card_.output_scale;
  const double zero = scale.kind == "linear" ? scale.middle / scale.scale : 0;
  const at::Tensor size = (truth.to(predicted.device()) + zero).flatten(1).norm(2, 1) + 1e-6;
  return (miss.flatten(1).norm(2, 1) / size).mean();
}

double ArrayMapTrainer::step(const std::vector<std::int64_t>& batch, const StepPlan& plan) {
  const Share mine = share(batch.size());
  at::Tensor part;
  if (mine.count > 0) {
    const ScaledPairs own = picked(batch, mine);
    // Weights stay float32; their gradients pass through the conversion.
    const auto weights =
        in_type(optimiser.weights(), network.impl().specs, own.inputs.scalar_type());
    part = loss(predicted(own.inputs, weights), own.outputs, own_.loss);
    // Shares may be unequal: each counts by its size.
    if (mine.count < batch.size())
      part = part * (static_cast<double>(mine.count) / static_cast<double>(batch.size()));
  }
  return descend(part, plan.rate);
}

double ArrayMapTrainer::error(const at::Tensor& flat) const {
  const c10::InferenceMode no_autograd;
  const auto weights = in_type(slices(flat, network.impl().specs), network.impl().specs,
                               valid_.inputs.scalar_type());
  const std::string kind = own_.loss == "relative_l2" ? "relative_l2" : "l1";
  const Share mine = share(static_cast<std::size_t>(valid_.size()));
  double sum = 0;
  constexpr std::size_t batch = 32;
  for (std::size_t done = 0; done < mine.count; done += batch) {
    const auto first = static_cast<std::int64_t>(mine.first + done),
               count = static_cast<std::int64_t>(std::min(batch, mine.count - done));
    const at::Tensor y = predicted(valid_.inputs.narrow(0, first, count), weights);
    sum += loss(y, valid_.outputs.narrow(0, first, count), kind).item<double>() *
           static_cast<double>(count);
  }
  return bounded_error(comm().sum(sum) / static_cast<double>(valid_.size()));
}

}  // namespace understudy::surrogates
