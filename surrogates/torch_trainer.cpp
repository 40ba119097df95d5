#include "surrogates/torch_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <format>

#include "core/error.hpp"

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

Trainer::Trainer(const TrainingData& data, const NetworkParams& network_params,
                 const TrainingParams& params)
    : network(
          network_params,
          [&] {
            ModelCard card = data.card;
            return card.shape();
          }(),
          params.seed),
      data_(data),
      params_(params) {
  require_size(network_params, network.shape().boundaries, data.card.grid.cells.at(0),
               data.card.grid.cells.at(1));
  weights_ = network.impl().flat;
  gradient_ = at::zeros_like(weights_);
  mean_ = at::zeros_like(weights_);
  square_ = at::zeros_like(weights_);
  average_ = weights_.clone();
  decayed_ = at::zeros_like(weights_);
  const auto& specs = network.impl().specs;
  const auto decayed = slices(decayed_, specs), gradients = slices(gradient_, specs);
  slices_ = slices(weights_, specs);
  for (std::size_t n = 0; n < slices_.size(); ++n) {
    slices_[n] = slices_[n].detach().requires_grad_(true);
    slices_[n].mutable_grad() = gradients[n];
    // Biases and scales are not decayed.
    if (slices_[n].dim() > 1) at::Tensor(decayed[n]).fill_(1);
  }
}

at::Tensor Trainer::noisy(const at::Tensor& state) const {
  if (params_.noise == 0) return state;
  auto random = generator(mix(static_cast<std::uint64_t>(params_.seed), steps));
  return state + at::randn(state.sizes(), random, state.options()) * (data_.scale * params_.noise);
}

double Trainer::step(const std::vector<Sequence>& batch, int unroll, double rate) {
  at::Tensor state = noisy(stack_frames(data_.train, batch, 0));
  const at::Tensor beside = batch_conditions(data_.train, batch);
  gradient_.zero_();
  const bool half = params_.precision == "bfloat16";
  // Weights stay float32; their gradients pass through the conversion.
  std::vector<at::Tensor> weights = slices_;
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
        value, steps));
  loss.backward();
  optimise(rate);
  ++steps;
  return value;
}

// AdamW (Loshchilov & Hutter 2019, algorithm 2) on the flat vectors.
void Trainer::optimise(double rate) {
  const at::NoGradGuard no_autograd;
  constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  if (params_.gradient_clip > 0) {
    const double norm = gradient_.norm().item<double>();
    if (norm > params_.gradient_clip) gradient_.mul_(params_.gradient_clip / norm);
  }
  const double n = static_cast<double>(steps + 1);
  const double correct1 = 1 - std::pow(beta1, n), correct2 = 1 - std::pow(beta2, n);
  mean_.mul_(beta1).add_(gradient_, 1 - beta1);
  square_.mul_(beta2).addcmul_(gradient_, gradient_, 1 - beta2);
  weights_.addcmul_(weights_, decayed_, -rate * params_.weight_decay);
  weights_.addcdiv_(mean_, (square_ / correct2).sqrt_().add_(epsilon), -rate / correct1);
  // The average follows quickly at first, when the weights still move far.
  const double decay = std::min(params_.average_decay, (1 + n) / (10 + n));
  if (params_.average_decay > 0) average_.mul_(decay).add_(weights_, 1 - decay);
}

RolloutErrors Trainer::validate(const at::Tensor& flat) const {
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

void Trainer::save(std::vector<std::pair<std::string, at::Tensor>>& tensors) const {
  tensors.emplace_back("weights", weights_);
  tensors.emplace_back("mean", mean_);
  tensors.emplace_back("square", square_);
  tensors.emplace_back("average", average_);
}

void Trainer::restore(const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  const at::NoGradGuard no_autograd;
  for (const auto& [name, tensor] : tensors)
    for (auto& [own_name, own] : std::vector<std::pair<std::string, at::Tensor>>{
             {"weights", weights_}, {"mean", mean_}, {"square", square_}, {"average", average_}})
      if (name == own_name) own.copy_(tensor);
}

}  // namespace understudy::surrogates
