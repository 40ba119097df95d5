// Sums over blocks (network_blocks.hpp; private to surrogates/).
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

/// The elementwise sum of every rank's `x` (float, double, or complex of these; the same shape on all).
/// Collective. Differentiable: each rank's term counts in every rank's sum, so the gradient is the sum of
/// all ranks' gradients.
at::Tensor sum_of_blocks(const at::Tensor& x, const NetworkBlocks& blocks);

/// Blocks as what autograd's contexts can keep, and back.
c10::IValue kept(const NetworkBlocks& blocks);
const NetworkBlocks& blocks_in(const c10::IValue& kept);

}  // namespace understudy::surrogates
