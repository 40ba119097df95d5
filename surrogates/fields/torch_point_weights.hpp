// The cells' weights at the points of a flat state (flat_layout.hpp); private to surrogates/.
#pragma once

#include <ATen/core/Tensor.h>

#include "surrogates/network/flat_layout.hpp"

namespace understudy::surrogates {

/// [point] from weights of cells [(z,) (y,) x]: a face has that of the cell of its index, a closing one that of the
/// last cell, as in sums over cells (mesh/cell_measure.hpp). Undefined for undefined ones.
at::Tensor point_weights(const at::Tensor& cells, const FlatLayout& layout);

}  // namespace understudy::surrogates
