// A rank's block of an acoustic wavefield and which of its cells feel the absorbing layer of some axis.
// Private to the acoustic kernels.
//
// Along an axis the layer's memory variables live in its slabs, [begin, slab_lower) and [slab_upper, end);
// through a stencil of radius R they act on [begin, near_lower) and [near_upper, end), R cells further in.
#pragma once

#include <algorithm>
#include <cstddef>

#include "mesh/box_grid.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"

namespace understudy::solvers::seismic {

using Index = std::ptrdiff_t;

struct LayerAxis {
  int begin = 0, end = 1;
  int slab_lower = 0, slab_upper = 1, near_lower = 0, near_upper = 1;
  KOKKOS_INLINE_FUNCTION bool in_slab(int i) const { return i < slab_lower || i >= slab_upper; }
  KOKKOS_INLINE_FUNCTION bool near(int i) const { return i < near_lower || i >= near_upper; }
};

struct LayerBox {
  LayerAxis axis[3];
  Index stride[3] = {1, 0, 0};  ///< of linear indices along the axes
  Index shot_stride = 0;        ///< from one shot's array to the next one's
  int shots = 1, tile = 1;

  LayerBox() = default;
  LayerBox(const WaveGrid& grid, int width, int radius, int batch) {
    const mesh::BoxGrid& g = *grid.padded;
    const mesh::Range3 cells = g.interior();
    for (int a = 0; a < 3; ++a) {
      LayerAxis& x = axis[a];
      x.begin = cells.begin[a];
      x.end = cells.end[a];
      x.slab_lower = x.near_lower = x.begin;
      x.slab_upper = x.near_upper = x.end;
      if (a >= grid.dimension()) continue;
      if (grid.layer[2 * a] && g.at_boundary(2 * a)) {
        x.slab_lower = x.begin + width;
        x.near_lower = std::min(x.end, x.slab_lower + radius);
      }
      if (grid.layer[2 * a + 1] && g.at_boundary(2 * a + 1)) {
        x.slab_upper = x.end - width;
        x.near_upper = std::max(x.near_lower, x.slab_upper - radius);
      }
    }
    stride[1] = g.extent(0);
    stride[2] = Index(g.extent(0)) * g.extent(1);
    shot_stride = stride[2] * g.extent(2);
    shots = batch;
    tile = cells.size(1);
  }
  KOKKOS_INLINE_FUNCTION int rows_j() const { return axis[1].end - axis[1].begin; }
  KOKKOS_INLINE_FUNCTION int rows_k() const { return axis[2].end - axis[2].begin; }
  long long rows() const { return 1LL * shots * rows_j() * rows_k(); }
  KOKKOS_INLINE_FUNCTION Index at(int shot, int k, int j) const {
    return shot * shot_stride + k * stride[2] + j * stride[1];
  }
};

}  // namespace understudy::solvers::seismic
