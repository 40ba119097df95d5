// One ghost cell on every side of a tensor, by what the side is (private to surrogates/); see
// network.hpp for the kinds.
#pragma once

#include <ATen/core/Tensor.h>

#include "surrogates/boundary_kind.hpp"

namespace understudy::surrogates {

/// [batch, channel, y, x] -> [batch, channel, y + 2, x + 2], x sides first, so that the corners are the
/// y sides' own of the x sides' ghosts. Differentiable. An axis of one cell is replicated where it would
/// be mirrored.
at::Tensor pad_sides(const at::Tensor& x, const BoundaryKinds& boundaries);

}  // namespace understudy::surrogates
