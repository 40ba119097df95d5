// How the cells of a rank's block are walked: rows of i, some of whose cells feel the absorbing layer of
// some axis. Private to the acoustic kernels.
//
// On a CPU one call walks all rows of all shots, each row in up to three vectorised parts, with rows
// ordered in tiles along j so that the planes of a 3-D stencil stay in the cache; on a GPU one thread
// takes a cell (layer_cells.hpp). Each part of a row works on its own copy of the kernel, so that the compiler knows that
// no store changes its scalars, and kernels are inlined by force: GCC leaves loops with calls scalar.
#pragma once

#include <algorithm>

#include "mesh/loops.hpp"
#include "solvers/seismic/acoustic/layer_box.hpp"
#include "solvers/seismic/acoustic/layer_cells.hpp"

namespace understudy::solvers::seismic {

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

template <class Row, class Kernel>
void for_box_rows(const char* name, const Kernel& kernel) {
  Kokkos::parallel_for(
      name, Kokkos::RangePolicy<mesh::Exec, Kokkos::IndexType<long long>>(0, kernel.box.rows()),
      Row{kernel});
}

}  // namespace detail

/// kernel.template cell<X, Y, Z>(n, k, j, i, shot) for each cell.
template <class Kernel>
void update_cells(const char* name, const Kernel& kernel) {
  if constexpr (mesh::on_host)
    detail::for_box_rows<detail::UpdateRow<Kernel>>(name, kernel);
  else
    detail::update_cells_on_device(name, kernel);
}

/// kernel.template slab<axis>(n, index along the axis) for each cell of the layers' slabs.
template <class Kernel>
void update_slabs(const char* name, const Kernel& kernel) {
  if constexpr (mesh::on_host)
    detail::for_box_rows<detail::SlabRow<Kernel>>(name, kernel);
  else
    detail::update_slabs_on_device(name, kernel);
}

}  // namespace understudy::solvers::seismic
