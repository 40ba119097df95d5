// One ghost cell on every side of a tensor, by what the side is (private to surrogates/); see
// network.hpp for the kinds. On blocks (network_blocks.hpp) what lies across a side with a neighbour is an exchange
// of activations, whose backward pass is the transposed exchange.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "surrogates/network/network.hpp"
#include "surrogates/network/side_kind.hpp"

namespace understudy::surrogates {

class NetworkBlocks;

/// [batch, channel, (z,) y, x] -> [batch, channel, (z + 2,) y + 2, x + 2], x sides first, so that the corners
/// are the y sides' own of the x sides' ghosts, and those along z the z sides' of both. Differentiable. An
/// axis of one cell is replicated where it would be mirrored.
/// `blocks`: x is this rank's block of the whole; the result is that of the whole, cut to the block and its ghosts.
/// Every block has the same cells as its neighbours along the axes that they share. Collective, and so is the backward
/// pass; tensors on a device travel through the host.
at::Tensor pad_sides(const at::Tensor& x, const SideKinds& boundaries,
                     const NetworkBlocks* blocks = nullptr);

/// Kinds of sides as what autograd's contexts can keep, and back.
std::vector<std::int64_t> numbers_of(const SideKinds& sides);
SideKinds kinds_of(const std::vector<std::int64_t>& numbers);

/// Those of wall, inflow and open that there are.
std::vector<SideKind> marked_kinds(const SideKinds& boundaries);

/// [batch, marked kind, (z,) y, x] of the input's size, type and memory format (joining two formats would lose
/// the fast one): 1 in the cells beside a side of that kind. `blocks`: the input is a block of the whole, and sides
/// with another block across are none.
at::Tensor side_marks(const at::Tensor& input, const SideKinds& boundaries,
                      const NetworkBlocks* blocks = nullptr);

/// What the cells along an axis are padded to: patch x 2^levels.
std::int64_t halving_multiple(const NetworkParams& params);

/// UserError naming the nearest valid numbers when the cells along a periodic axis are no multiple.
void require_halvings(const NetworkParams& params, const SideKinds& boundaries,
                      const std::vector<long long>& cells);

}  // namespace understudy::surrogates
