// Sums over blocks (network_blocks.hpp; for surrogates/ and the networks of plugins), and what is made of them.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

/// The elementwise sum of every rank's `x` (float, double, or complex of these; the same shape on all).
/// Collective. Differentiable: each rank's term counts in every rank's sum, so the gradient is the sum of
/// all ranks' gradients.
at::Tensor sum_of_blocks(const at::Tensor& x, const NetworkBlocks& blocks);

/// at::group_norm (Wu and He 2018) of [batch, channel, (z,) y, x] with mean and variance over the cells of all blocks.
/// Collective and differentiable.
at::Tensor group_norm_of_blocks(const at::Tensor& x, std::int64_t groups, const at::Tensor& scale,
                                const at::Tensor& shift, const NetworkBlocks& blocks);

/// Blocks as what autograd's contexts can keep, and back.
c10::IValue kept(const NetworkBlocks& blocks);
const NetworkBlocks& blocks_in(const c10::IValue& kept);

}  // namespace understudy::surrogates
