#include "surrogates/network/torch_block_sum.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <span>
#include <vector>

#include "core/error.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct KeptBlocks : torch::CustomClassHolder {
  explicit KeptBlocks(const NetworkBlocks& given) : blocks(given) {}
  NetworkBlocks blocks;
};

template <class Real>
void sum_in_place(const Tensor& values, const NetworkBlocks& blocks) {
  const std::span<Real> all(values.data_ptr<Real>(), static_cast<std::size_t>(values.numel()));
  blocks.comm().sum(all);
  blocks.traffic().sums += 1;
  blocks.traffic().bytes += static_cast<long long>(all.size_bytes());
}

Tensor summed(const Tensor& x, const NetworkBlocks& blocks) {
  Tensor host = (x.is_complex() ? at::view_as_real(x.resolve_conj()) : x)
                    .to(at::kCPU, /*dtype=*/x.is_complex() ? c10::toRealValueType(x.scalar_type())
                                                           : x.scalar_type(),
                        /*non_blocking=*/false, /*copy=*/true, at::MemoryFormat::Contiguous);
  if (host.scalar_type() == at::kDouble)
    sum_in_place<double>(host, blocks);
  else if (host.scalar_type() == at::kFloat)
    sum_in_place<float>(host, blocks);
  else
    throw core::RunError("a sum over blocks of numbers that are neither float32 nor float64");
  return (x.is_complex() ? at::view_as_complex(host) : host).to(x.device());
}

struct BlockSum : torch::autograd::Function<BlockSum> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const NetworkBlocks& blocks) {
    context->saved_data["blocks"] = kept(blocks);
    return summed(x, blocks);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {summed(gradients[0], blocks_in(context->saved_data["blocks"])), Tensor()};
  }
};

}  // namespace

c10::IValue kept(const NetworkBlocks& blocks) {
  return c10::IValue::make_capsule(c10::make_intrusive<KeptBlocks>(blocks));
}

const NetworkBlocks& blocks_in(const c10::IValue& kept) {
  return static_cast<const KeptBlocks&>(*kept.toCapsule()).blocks;
}

Tensor sum_of_blocks(const Tensor& x, const NetworkBlocks& blocks) {
  if (!x.requires_grad() || !at::GradMode::is_enabled()) return summed(x, blocks);
  return BlockSum::apply(x, blocks);
}

// Two sums, as variances from sums of squares would lose digits: of the values (and of their number, which differs
// from block to block), then of the squares of their deviations from the mean.
Tensor group_norm_of_blocks(const Tensor& x, std::int64_t groups, const Tensor& scale,
                            const Tensor& shift, const NetworkBlocks& blocks) {
  constexpr double epsilon = 1e-5;  // at::group_norm's
  const std::int64_t batch = x.size(0), channels = x.size(1), each = channels / groups;
  const at::ScalarType type = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  std::vector<std::int64_t> places, one(x.dim(), 1);
  for (std::int64_t d = 2; d < x.dim(); ++d) places.push_back(d);
  one[1] = channels;
  const auto of_groups = [&](const Tensor& values) {
    return values.sum(places).view({batch, groups, each}).sum(2);
  };
  // [batch, group] -> a number for each channel
  const auto of_channels = [&](const Tensor& values) {
    auto shape = one;
    shape[0] = batch;
    return values.unsqueeze(2).expand({batch, groups, each}).reshape(shape);
  };
  const Tensor values = x.to(type);
  const double here = static_cast<double>(x.numel() / batch / groups);
  const Tensor first = sum_of_blocks(
      at::cat({of_groups(values).flatten(), at::full({1}, here, values.options())}), blocks);
  const Tensor number = first.narrow(0, batch * groups, 1).detach();
  const Tensor mean = first.narrow(0, 0, batch * groups).view({batch, groups}) / number;
  const Tensor deviation = values - of_channels(mean);
  const Tensor variance = sum_of_blocks(of_groups(deviation.square()), blocks) / number;
  const Tensor normal = deviation * of_channels(at::rsqrt(variance + epsilon));
  return (normal * scale.to(type).view(one) + shift.to(type).view(one)).to(x.scalar_type());
}

}  // namespace understudy::surrogates
