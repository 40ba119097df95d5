// What a network of convolutions does across blocks (network_blocks.hpp; private to surrogates/): one ghost cell
// round the rank's block, and group normalisation over all blocks. Collective, in 2-D and 3-D, on tensors of
// any floating type; tensors on a device travel through the host.
#pragma once

#include <ATen/core/Tensor.h>

#include "surrogates/network/network_blocks.hpp"
#include "surrogates/network/side_kind.hpp"

namespace understudy::surrogates {

/// pad_sides (torch_padding.hpp) of the whole field, cut to the rank's block: [batch, channel, (z,) y, x] ->
/// one more cell at each end of each axis. Where a block lies across, its outermost activations come from
/// there, x first, then y with the x ghosts, then z with both, so that the corners are right; at sides of the
/// whole by what the side is. Every block has the same cells as its neighbours along the axes that they share.
/// Differentiable: the gradients of ghosts go back where the activations came from.
at::Tensor pad_block(const at::Tensor& x, const SideKinds& sides, const NetworkBlocks& blocks);

/// at::group_norm (Wu and He 2018) with mean and variance over the cells of all blocks.
at::Tensor group_norm_of_blocks(const at::Tensor& x, std::int64_t groups, const at::Tensor& scale,
                                const at::Tensor& shift, const NetworkBlocks& blocks);

}  // namespace understudy::surrogates
