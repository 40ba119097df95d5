// How the cells of a rank's block are walked: rows of i, some of whose cells feel the absorbing layer of
// some axis. Private to the acoustic kernels.
//
// Along an axis the layer's memory variables live in its slabs, [begin, slab_lower) and [slab_upper, end);
// through a stencil of radius R they act on [begin, near_lower) and [near_upper, end), R cells further in.
// On a CPU one call walks all rows of all shots, each row in up to three vectorised parts, with rows
// ordered in tiles along j so that the planes of a 3-D stencil stay in the cache; on a GPU one thread
// takes a cell. Each part of a row works on its own copy of the kernel, so that the compiler knows that
// no store changes its scalars, and kernels are inlined by force: GCC leaves loops with calls scalar.
#pragma once

#include <algorithm>
#include <cstddef>

#include "mesh/box_grid.hpp"
#include "mesh/loops.hpp"
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

namespace detail {

/// kernel.template cell<X, Y, Z>(n, k, j, i, shot) in a row that begins at n = row; the flags say whose axes'
/// layers the cells are near to.
template <bool X, bool Y, bool Z>
struct CellOfUpdate {
  Index row;
  int k, j, shot;
  template <class Kernel>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Kernel& kernel, const int i) const {
    kernel.template cell<X, Y, Z>(row + i, k, j, i, shot);
  }
};

template <class Kernel>
struct UpdateRow {
  Kernel kernel;

  template <bool X, bool Y, bool Z>
  static void part(const Kernel& kernel, Index row, int k, int j, int shot, int begin, int end) {
    if (begin < end)
      mesh::detail::vectorised_row<true>(kernel, CellOfUpdate<X, Y, Z>{row, k, j, shot}, begin,
                                         end);
  }

  template <bool Y, bool Z>
  static void parts(const Kernel& kernel, Index row, int k, int j, int shot) {
    const LayerAxis& x = kernel.box.axis[0];
    part<true, Y, Z>(kernel, row, k, j, shot, x.begin, x.near_lower);
    part<false, Y, Z>(kernel, row, k, j, shot, x.near_lower, x.near_upper);
    part<true, Y, Z>(kernel, row, k, j, shot, x.near_upper, x.end);
  }

  void operator()(const long long row) const {
    const LayerBox& box = kernel.box;
    const int rows_j = box.rows_j(), rows_k = box.rows_k();
    const int shot = int(row / (1LL * rows_j * rows_k)), q = int(row % (1LL * rows_j * rows_k));
    const int tile = q / (rows_k * box.tile), within = q % (rows_k * box.tile);
    const int first = tile * box.tile, width = std::min(box.tile, rows_j - first);
    const int k = box.axis[2].begin + within / width;
    const int j = box.axis[1].begin + first + within % width;
    const Index start = box.at(shot, k, j);
    const bool y = box.axis[1].near(j), z = box.axis[2].near(k);
    if constexpr (Kernel::dimension == 3) {
      if (y && z) return parts<true, true>(kernel, start, k, j, shot);
      if (z) return parts<false, true>(kernel, start, k, j, shot);
    }
    if (y) return parts<true, false>(kernel, start, k, j, shot);
    parts<false, false>(kernel, start, k, j, shot);
  }
};

template <class Kernel>
struct UpdateCell {
  Kernel kernel;
  KOKKOS_INLINE_FUNCTION void operator()(int shot, int k, int j, int i) const {
    const LayerBox& box = kernel.box;
    const Index n = box.at(shot, k, j) + i;
    const bool x = box.axis[0].near(i), y = box.axis[1].near(j), z = box.axis[2].near(k);
    if (x || y || z)
      kernel.template cell<true, true, (Kernel::dimension == 3)>(n, k, j, i, shot);
    else
      kernel.template cell<false, false, false>(n, k, j, i, shot);
  }
};

/// kernel.template slab<axis>(n, index along the axis) in a row that begins at n = row.
template <int axis>
struct CellOfSlab {
  Index row;
  int along;
  template <class Kernel>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Kernel& kernel, const int i) const {
    kernel.template slab<axis>(row + i, axis == 0 ? i : along);
  }
};

template <class Kernel>
struct SlabRow {
  Kernel kernel;

  template <int axis>
  static void part(const Kernel& kernel, Index row, int along, int begin, int end) {
    if (begin < end)
      mesh::detail::vectorised_row<true>(kernel, CellOfSlab<axis>{row, along}, begin, end);
  }

  void operator()(const long long row) const {
    const LayerBox& box = kernel.box;
    const int rows_j = box.rows_j(), rows_k = box.rows_k();
    const int shot = int(row / (1LL * rows_j * rows_k)), q = int(row % (1LL * rows_j * rows_k));
    const int k = box.axis[2].begin + q / rows_j, j = box.axis[1].begin + q % rows_j;
    const Index start = box.at(shot, k, j);
    const LayerAxis& x = box.axis[0];
    part<0>(kernel, start, 0, x.begin, x.slab_lower);
    part<0>(kernel, start, 0, x.slab_upper, x.end);
    if (box.axis[1].in_slab(j)) part<1>(kernel, start, j, x.begin, x.end);
    if constexpr (Kernel::dimension == 3)
      if (box.axis[2].in_slab(k)) part<2>(kernel, start, k, x.begin, x.end);
  }
};

template <class Kernel>
struct SlabCell {
  Kernel kernel;
  KOKKOS_INLINE_FUNCTION void operator()(int shot, int k, int j, int i) const {
    const LayerBox& box = kernel.box;
    const Index n = box.at(shot, k, j) + i;
    if (box.axis[0].in_slab(i)) kernel.template slab<0>(n, i);
    if (box.axis[1].in_slab(j)) kernel.template slab<1>(n, j);
    if constexpr (Kernel::dimension == 3)
      if (box.axis[2].in_slab(k)) kernel.template slab<2>(n, k);
  }
};

using Cells4 =
    Kokkos::MDRangePolicy<mesh::Exec,
                          Kokkos::Rank<4, Kokkos::Iterate::Right, Kokkos::Iterate::Right>>;

inline Cells4 cells4(const LayerBox& box) {
  return Cells4({0, box.axis[2].begin, box.axis[1].begin, box.axis[0].begin},
                {box.shots, box.axis[2].end, box.axis[1].end, box.axis[0].end});
}

template <template <class> class HostRow, template <class> class DeviceCell, class Kernel>
void update(const char* name, const Kernel& kernel) {
  if constexpr (mesh::on_host)
    Kokkos::parallel_for(
        name, Kokkos::RangePolicy<mesh::Exec, Kokkos::IndexType<long long>>(0, kernel.box.rows()),
        HostRow<Kernel>{kernel});
  else
    Kokkos::parallel_for(name, cells4(kernel.box), DeviceCell<Kernel>{kernel});
}

}  // namespace detail

/// kernel.template cell<X, Y, Z>(n, k, j, i, shot) for each cell.
template <class Kernel>
void update_cells(const char* name, const Kernel& kernel) {
  detail::update<detail::UpdateRow, detail::UpdateCell>(name, kernel);
}

/// kernel.template slab<axis>(n, index along the axis) for each cell of the layers' slabs.
template <class Kernel>
void update_slabs(const char* name, const Kernel& kernel) {
  detail::update<detail::SlabRow, detail::SlabCell>(name, kernel);
}

}  // namespace understudy::solvers::seismic
