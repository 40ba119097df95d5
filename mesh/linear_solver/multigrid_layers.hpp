// Multigrid's passes over a level, fused so that a layer of cells (a row in 2-D, a plane in 3-D) is
// still in the cache when the next pass needs it: red sweep of layer l, black of l - 1, residual
// and restriction of l - 2 in one run over memory instead of three; on the way up interpolation, red
// and black sweep in one run. The values are those of separate passes. For one host thread, and levels
// without ghosts to exchange.
#pragma once

#include "mesh/linear_solver/multigrid_kernels.hpp"

namespace understudy::mesh::detail {

/// Calls f.row over layer `layer` of `cells` along the last axis; nothing outside. Returns 0 or the
/// sum.
template <class F>
double run_layer(const F& f, const Range3& cells, int axis, int layer) {
  double sum = 0;
  if (layer < cells.begin[axis] || layer >= cells.end[axis]) return sum;
  auto row = [&](int k, int j) {
    if constexpr (std::is_void_v<decltype(f.row(k, j, 0, 0))>)
      f.row(k, j, cells.begin[0], cells.end[0]);
    else
      sum += f.row(k, j, cells.begin[0], cells.end[0]);
  };
  if (axis == 1)
    row(cells.begin[2], layer);
  else
    for (int j = cells.begin[1]; j < cells.end[1]; ++j) row(layer, j);
  return sum;
}

/// One sweep (red by `red`, black by `black`) and the restriction of its residual to
/// `coarse_cells`.
template <class Red, class Black, class Restrict>
double sweep_and_restrict(const Red& red, const Black& black, const Restrict& restriction,
                          const Range3& cells, const Range3& coarse_cells, int axis) {
  double squares = 0;
  int next = coarse_cells.begin[axis];
  for (int layer = cells.begin[axis]; layer <= cells.end[axis] + 1; ++layer) {
    run_layer(red, cells, axis, layer);
    run_layer(black, cells, axis, layer - 1);
    // Final up to layer - 1: the residual is known up to layer - 2, at the far end up to layer - 1.
    while (next < coarse_cells.end[axis] && restriction.t.end_fine(axis, next) < layer)
      squares += run_layer(restriction, coarse_cells, axis, next++);
  }
  return squares;
}

/// The same, where the residual is kept (`residual`, returning its squares) and restricted by weights
/// that reach one cell beyond a coarse cell's own.
template <class Red, class Black, class Residual, class Restrict>
double sweep_and_weigh(const Red& red, const Black& black, const Residual& residual,
                       const Restrict& restriction, const Range3& cells, const Range3& coarse_cells,
                       int axis) {
  double squares = 0;
  int next = coarse_cells.begin[axis];
  for (int layer = cells.begin[axis]; layer <= cells.end[axis] + 2; ++layer) {
    run_layer(red, cells, axis, layer);
    run_layer(black, cells, axis, layer - 1);
    squares += run_layer(residual, cells, axis, layer - 2);
    while (next < coarse_cells.end[axis] && restriction.t.end_fine(axis, next) < layer - 1)
      run_layer(restriction, coarse_cells, axis, next++);
  }
  return squares;
}

/// x += interpolated correction, then one sweep.
template <class Prolongation, class Relaxation>
void prolong_and_sweep(const Prolongation& prolongation, const Relaxation& red,
                       const Relaxation& black, const Range3& cells, int axis) {
  for (int layer = cells.begin[axis]; layer < cells.end[axis] + 2; ++layer) {
    run_layer(prolongation, cells, axis, layer);
    run_layer(red, cells, axis, layer - 1);
    run_layer(black, cells, axis, layer - 2);
  }
}

}  // namespace understudy::mesh::detail
