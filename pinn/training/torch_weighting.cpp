#include "pinn/training/torch_weighting.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <numeric>

#include "core/format.hpp"
#include "core/sampling.hpp"

namespace understudy::pinn {

namespace {
using at::Tensor;
}

std::vector<double> balanced_weights(const std::vector<double>& sizes) {
  const double sum = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  const double floor = 1e-5 * sum / double(sizes.size());
  std::vector<double> weights;
  for (const double size : sizes) weights.push_back(sum > 0 ? sum / std::max(size, floor) : 1);
  return weights;
}

Tensor random_signs(const Tensor& like, std::uint64_t seed, long long first) {
  core::SplitMix random(seed);
  random.skip(std::uint64_t(first));
  Tensor signs = at::empty({like.numel()}, at::kFloat);
  float* into = signs.data_ptr<float>();
  for (std::int64_t n = 0; n < like.numel(); ++n) into[n] = random.bits() >> 63 ? 1.0F : -1.0F;
  return signs.to(like.options().requires_grad(false));
}

Tensor causal_weights(const std::vector<Tensor>& residuals, const Tensor& chunk,
                      const CausalSettings& settings, const core::Comm* comm) {
  const at::NoGradGuard no_autograd;
  const auto equations = std::int64_t(residuals.size());
  // Row 0 counts the points of the chunks.
  Tensor sums =
      at::zeros({equations + 1, settings.chunks}, residuals[0].options().requires_grad(false));
  sums.select(0, 0).index_add_(0, chunk, at::ones_like(residuals[0]));
  for (std::int64_t e = 0; e < equations; ++e)
    sums.select(0, e + 1).index_add_(0, chunk, residuals[std::size_t(e)].detach().square());
  if (comm && comm->size() > 1) {
    Tensor host = sums.cpu().to(at::kDouble).contiguous();
    comm->sum(std::span<double>(host.data_ptr<double>(), std::size_t(host.numel())));
    sums = host.to(sums.options());
  }
  const Tensor means = sums.narrow(0, 1, equations) / sums.select(0, 0).clamp_min(1);
  const Tensor before = (means.cumsum(1) - means).amax(0);
  return (before * -settings.tolerance).exp().index_select(0, chunk);
}

PointWeights::PointWeights(const std::vector<std::int64_t>& counts, double rate,
                           const at::TensorOptions& options, const core::Comm* comm)
    : rate_(rate), comm_(comm) {
  for (const auto count : counts) {
    lambda_.push_back(at::ones({count}, options));
    totals_.push_back(std::llround(share(double(count))));
  }
}

double PointWeights::share(double sum) const {
  return comm_ && comm_->size() > 1 ? comm_->sum(sum) : sum;
}

double PointWeights::mean(std::size_t loss) const {
  return share(weights(loss).sum().item<double>()) / double(totals_[loss]);
}

void PointWeights::ascend(const std::vector<Tensor>& squares) {
  const at::NoGradGuard no_autograd;
  for (std::size_t n = 0; n < lambda_.size(); ++n) {
    const Tensor up = lambda_[n] * squares[n].detach();
    const double sum = share(up.square().sum().item<double>());
    const double rms = std::sqrt(sum / double(std::max(1LL, totals_[n])));
    if (rms > 0) lambda_[n].add_(up, rate_ / rms);
  }
}

void PointWeights::save(TensorList& tensors) const {
  for (std::size_t n = 0; n < lambda_.size(); ++n)
    tensors.emplace_back(core::format("points.{}", n), lambda_[n].cpu());
}

void PointWeights::restore(const TensorList& tensors) {
  const at::NoGradGuard no_autograd;
  for (const auto& [name, tensor] : tensors)
    for (std::size_t n = 0; n < lambda_.size(); ++n)
      if (name == core::format("points.{}", n)) lambda_[n].copy_(tensor);
}

}  // namespace understudy::pinn
