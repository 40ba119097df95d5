#include "surrogates/training/torch_optimiser.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace understudy::surrogates {

Optimiser::Optimiser(const Network& network, const TrainingParams& params, at::Device device)
    : params_(params) {
  weights_ = network.impl().trained().to(device);
  gradient_ = at::zeros_like(weights_);
  mean_ = at::zeros_like(weights_);
  square_ = at::zeros_like(weights_);
  average_ = weights_.clone();
  decayed_ = at::zeros_like(weights_);
  const auto specs = network.impl().trained_specs();
  const auto decayed = slices(decayed_, specs), gradients = slices(gradient_, specs);
  slices_ = slices(weights_, specs);
  for (std::size_t n = 0; n < slices_.size(); ++n) {
    slices_[n] = slices_[n].detach().requires_grad_(true);
    slices_[n].mutable_grad() = gradients[n];
    if (slices_[n].dim() > 1) at::Tensor(decayed[n]).fill_(1);
  }
}

double Optimiser::gradient_norm() const { return gradient_.norm().item<double>(); }

void Optimiser::step(double rate, double norm) {
  const at::NoGradGuard no_autograd;
  constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  if (params_.gradient_clip > 0 && norm > params_.gradient_clip)
    gradient_.mul_(params_.gradient_clip / norm);
  const double n = static_cast<double>(++steps);
  const double correct1 = 1 - std::pow(beta1, n), correct2 = 1 - std::pow(beta2, n);
  mean_.mul_(beta1).add_(gradient_, 1 - beta1);
  square_.mul_(beta2).addcmul_(gradient_, gradient_, 1 - beta2);
  weights_.addcmul_(weights_, decayed_, -rate * params_.weight_decay);
  weights_.addcdiv_(mean_, (square_ / correct2).sqrt_().add_(epsilon), -rate / correct1);
  // The average follows quickly at first, when the weights still move far.
  const double decay = std::min(params_.ema_decay, (1 + n) / (10 + n));
  if (params_.ema_decay > 0) average_.mul_(decay).add_(weights_, 1 - decay);
  gradient_.zero_();
}

void Optimiser::adopt(const Network& network) {
  const at::NoGradGuard no_autograd;
  weights_.copy_(network.impl().trained());
  average_.copy_(weights_);
}

void Optimiser::save(std::vector<std::pair<std::string, at::Tensor>>& tensors) const {
  tensors.emplace_back("weights", weights_.cpu());
  tensors.emplace_back("mean", mean_.cpu());
  tensors.emplace_back("square", square_.cpu());
  tensors.emplace_back("average", average_.cpu());
}

void Optimiser::restore(const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  const at::NoGradGuard no_autograd;
  for (const auto& [name, tensor] : tensors)
    for (auto& [own_name, own] : std::vector<std::pair<std::string, at::Tensor>>{
             {"weights", weights_}, {"mean", mean_}, {"square", square_}, {"average", average_}})
      if (name == own_name) {
        if (tensor.numel() != own.numel())
          throw std::out_of_range("'" + name + "' has another number of values");
        own.copy_(tensor);
      }
}

}  // namespace understudy::surrogates
