#include "surrogates/torch_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <format>

#include "core/error.hpp"
#include "surrogates/torch_latent_trainer.hpp"

namespace understudy::surrogates {

namespace {

constexpr auto fast_layout = at::MemoryFormat::ChannelsLast;

at::Tensor stack_frames(const std::vector<Trajectory>& from, const std::vector<Sequence>& batch,
                        std::int64_t after) {
  std::vector<at::Tensor> frames;
  for (const Sequence& s : batch)
    frames.push_back(from[s.trajectory].values.select(0, s.first + after));
  return at::stack(frames).contiguous(fast_layout);
}

at::Tensor batch_conditions(const std::vector<Trajectory>& from,
                            const std::vector<Sequence>& batch) {
  std::vector<const Trajectory*> of;
  for (const Sequence& s : batch) of.push_back(&from[s.trajectory]);
  return conditions(of);
}

}  // namespace

double RolloutErrors::score() const {
  double sum = 0;
  for (const double e : rollout) sum += std::isfinite(e) ? std::min(e, 1e6) : 1e6;
  return sum / static_cast<double>(rollout.size());
}

FieldTrainer::FieldTrainer(TrainingData data, const NetworkParams& network_params,
                           const TrainingParams& params)
    : Trainer(Network(network_params, data.card.shape(), params.seed), data.card, params),
      data_(std::move(data)) {
  require_size(network_params, network.shape().boundaries, data_.card.grid.cells.at(0),
               data_.card.grid.cells.at(1));
}

std::int64_t FieldTrainer::sequences(int unroll) const {
  std::int64_t count = 0;
  for (const Trajectory& t : data_.train) count += std::max<std::int64_t>(0, t.frames() - unroll);
  return count;
}

// Sequences in order of trajectory and first frame.
std::vector<Sequence> FieldTrainer::pick(const std::vector<std::int64_t>& batch, int unroll) const {
  std::vector<Sequence> picked;
  for (std::int64_t index : batch) {
    int trajectory = 0;
    for (; index >= data_.train[trajectory].frames() - unroll; ++trajectory)
      index -= std::max<std::int64_t>(0, data_.train[trajectory].frames() - unroll);
    picked.push_back({trajectory, index});
  }
  return picked;
}

at::Tensor FieldTrainer::noisy(const at::Tensor& state) const {
  if (params_.noise == 0) return state;
  auto random = generator(mix(static_cast<std::uint64_t>(params_.seed), optimiser.steps));
  return state + at::randn(state.sizes(), random, state.options()) * (data_.scale * params_.noise);
}

double FieldTrainer::step(const std::vector<std::int64_t>& indices, const StepPlan& plan) {
  const int unroll = plan.unroll;
  const std::vector<Sequence> batch = pick(indices, unroll);
  at::Tensor state = noisy(stack_frames(data_.train, batch, 0));
  const at::Tensor beside = batch_conditions(data_.train, batch);
  const bool half = params_.precision == "bfloat16";
  // Weights stay float32; their gradients pass through the conversion.
  std::vector<at::Tensor> weights = optimiser.weights();
  if (half)
    for (at::Tensor& w : weights) w = w.to(at::kBFloat16);
  at::Tensor loss;
  for (int n = 1; n <= unroll; ++n) {
    at::Tensor input = at::cat({state, beside}, 1);
    if (half) input = input.to(at::kBFloat16);
    const at::Tensor increment =
        network.impl().architecture->forward(input.contiguous(fast_layout), weights);
    state = state + increment.to(at::kFloat) * data_.scale;
    const at::Tensor miss = (state - stack_frames(data_.train, batch, n)) / data_.scale;
    const at::Tensor part = miss.square().mean();
    loss = n == 1 ? part : loss + part;
  }
  loss = loss / unroll;
  const double value = loss.item<double>();
  if (!std::isfinite(value))
    throw core::RunError(std::format(
        "training: the loss is {} at step {}; a lower training.learning_rate or gradient_clip may "
        "help",
        value, optimiser.steps));
  loss.backward();
  optimiser.step(plan.rate);
  return value;
}

RolloutErrors FieldTrainer::validate(const at::Tensor& flat) const {
  const c10::InferenceMode no_autograd;
  const auto weights = slices(flat, network.impl().specs);
  const auto channels = static_cast<std::int64_t>(data_.card.fields.size());
  long long windows = params_.rollout_windows;
  for (const Trajectory& t : data_.valid) windows = std::min<long long>(windows, t.frames() - 1);
  std::vector<Sequence> starts;
  for (std::size_t n = 0; n < data_.valid.size(); ++n) {
    const std::int64_t room = data_.valid[n].frames() - 1 - windows;
    const int count = room > 0 ? params_.rollout_starts : 1;
    for (int s = 0; s < count; ++s)
      starts.push_back({static_cast<int>(n), count > 1 ? room * s / (count - 1) : 0});
  }
  at::Tensor mean = at::empty({1, channels, 1, 1}, at::kFloat), std = at::empty_like(mean);
  for (std::int64_t c = 0; c < channels; ++c) {
    mean.data_ptr<float>()[c] = static_cast<float>(data_.card.fields[c].mean);
    std.data_ptr<float>()[c] = static_cast<float>(data_.card.fields[c].std);
  }
  auto errors = [&](const at::Tensor& state, const at::Tensor& truth) {  // [channel]
    const at::Tensor miss = ((state - truth) * std).square().sum({2, 3}).sqrt();
    const at::Tensor size = (truth * std + mean).square().sum({2, 3}).sqrt();
    return (miss / (size + 1e-30)).mean(0).to(at::kDouble);
  };
  const at::Tensor start = stack_frames(data_.valid, starts, 0);
  const at::Tensor beside = batch_conditions(data_.valid, starts);
  at::Tensor state = start, sum = at::zeros({channels}, at::kDouble);
  at::Tensor one = sum.clone(), persistence = sum.clone();
  for (long long n = 1; n <= windows; ++n) {
    const at::Tensor input = at::cat({state, beside}, 1).contiguous(fast_layout);
    state = state + network.impl().architecture->forward(input, weights) * data_.scale;
    const at::Tensor truth = stack_frames(data_.valid, starts, n);
    const at::Tensor now = errors(state, truth);
    if (n == 1) one = now.clone();
    sum += now;
    persistence += errors(start, truth);
  }
  RolloutErrors result;
  result.windows = windows;
  for (std::int64_t c = 0; c < channels; ++c) {
    result.one_window.push_back(one[c].item<double>());
    result.rollout.push_back(sum[c].item<double>() / static_cast<double>(windows));
    result.persistence.push_back(persistence[c].item<double>() / static_cast<double>(windows));
  }
  return result;
}

std::unique_ptr<Trainer> make_trainer(const DatasetReader& reader, const NetworkParams& network,
                                      const TrainingParams& params) {
  if (is_latent(network))
    return std::make_unique<LatentTrainer>(reader, load_training_data(reader, params), network,
                                           params);
  return std::make_unique<FieldTrainer>(load_training_data(reader, params), network, params);
}

}  // namespace understudy::surrogates
