#include "pinn/training/torch_rank_reduction.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace understudy::pinn {

void RankReduction::sum(at::Tensor& values) const {
  if (!points()) return;
  const at::NoGradGuard no_autograd;
  at::Tensor host = values.cpu().contiguous();
  const auto count = std::size_t(host.numel());
  if (host.scalar_type() == at::kFloat)
    comm_.sum(std::span<float>(host.data_ptr<float>(), count));
  else
    comm_.sum(std::span<double>(host.data_ptr<double>(), count));
  if (!host.is_same(values)) values.copy_(host);
}

void RankReduction::sum(std::vector<double>& values) const {
  if (points()) comm_.sum(std::span<double>(values));
}

double RankReduction::square_norm(const at::Tensor& gradient, std::int64_t common) const {
  const at::NoGradGuard no_autograd;
  const auto square = [](const at::Tensor& part) {
    return part.numel() > 0 ? part.to(at::kDouble).square().sum().item<double>() : 0.0;
  };
  double own = square(gradient.narrow(0, 0, common));
  if (domains_ && comm_.size() > 1) own = comm_.sum(own);
  return own + square(gradient.narrow(0, common, gradient.numel() - common));
}

}  // namespace understudy::pinn
