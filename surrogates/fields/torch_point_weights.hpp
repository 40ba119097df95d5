// The cells' weights at the points of a flat state (flat_layout.hpp), and a block's points among all of them; private
// to surrogates/.
#pragma once

#include <ATen/core/Tensor.h>

#include "mesh/grid.hpp"
#include "surrogates/network/flat_layout.hpp"

namespace understudy::surrogates {

/// Copies rows [row, point] of a box of cells, laid out as `own`, to their places in rows of all cells, laid out as
/// `whole`; other points are left as they are.
void place_points(const at::Tensor& from, const FlatLayout& own, const mesh::Range3& cells,
                  const at::Tensor& to, const FlatLayout& whole);

/// [point] from weights of cells [(z,) (y,) x]: a face has that of the cell of its index, a closing one that of the
/// last cell, as in sums over cells (mesh/cell_measure.hpp). Undefined for undefined ones.
at::Tensor point_weights(const at::Tensor& cells, const FlatLayout& layout);

}  // namespace understudy::surrogates
