// How a device walks the cells of a rank's block: the cells that no layer is near to by a kernel without
// layers, the frame around them by one with the layers of all axes, and the layers' slabs alone, each in one
// launch for all shots. Away from its axis' slabs a layer's terms are zero. Private to the acoustic kernels.
#pragma once

#include "mesh/device_boxes.hpp"
#include "mesh/loops.hpp"
#include "solvers/seismic/acoustic/layer_box.hpp"

namespace understudy::solvers::seismic::detail {

inline mesh::Range3 cells_of(const LayerBox& box) {
  mesh::Range3 r;
  for (int a = 0; a < 3; ++a) {
    r.begin[a] = box.axis[a].begin;
    r.end[a] = box.axis[a].end;
  }
  return r;
}

/// The cells that no layer is near to.
inline mesh::Range3 inside_of(const LayerBox& box) {
  mesh::Range3 r;
  for (int a = 0; a < 3; ++a) {
    r.begin[a] = box.axis[a].near_lower;
    r.end[a] = box.axis[a].near_upper;
  }
  return r;
}

/// All others: planes of k, then rows, then ends of rows.
inline mesh::detail::BoxList frame_of(const LayerBox& box) {
  mesh::detail::BoxList frame;
  mesh::Range3 rest = cells_of(box);
  for (int a = 2; a >= 0; --a) {
    const LayerAxis& x = box.axis[a];
    mesh::Range3 part = rest;
    part.end[a] = x.near_lower;
    frame.add(a, part);
    part.begin[a] = x.near_upper;
    part.end[a] = x.end;
    frame.add(a, part);
    rest.begin[a] = x.near_lower;
    rest.end[a] = x.near_upper;
  }
  return frame;
}

/// The slabs of every axis; a corner's cells are in those of several.
inline mesh::detail::BoxList slabs_of(const LayerBox& box) {
  mesh::detail::BoxList slabs;
  for (int a = 0; a < 3; ++a) {
    mesh::Range3 part = cells_of(box);
    part.end[a] = box.axis[a].slab_lower;
    slabs.add(a, part);
    part = cells_of(box);
    part.begin[a] = box.axis[a].slab_upper;
    slabs.add(a, part);
  }
  return slabs;
}

template <class Kernel>
struct CellNearLayers {
  Kernel kernel;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i, int, int shot) const {
    kernel.template cell<true, true, (Kernel::dimension == 3)>(kernel.box.at(shot, k, j) + i, k, j,
                                                               i, shot);
  }
};

template <class Kernel>
struct CellInSlab {
  Kernel kernel;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i, int axis, int shot) const {
    const Index n = kernel.box.at(shot, k, j) + i;
    if (axis == 0) kernel.template slab<0>(n, i);
    if (axis == 1) kernel.template slab<1>(n, j);
    if constexpr (Kernel::dimension == 3)
      if (axis == 2) kernel.template slab<2>(n, k);
  }
};

/// Shots lie one above the other along k.
template <class Kernel>
struct CellInside {
  Kernel kernel;
  int first_k, cells_k;
  KOKKOS_INLINE_FUNCTION void operator()(const int kk, const int j, const int i) const {
    const int shot = kernel.box.shots > 1 ? kk / cells_k : 0, k = first_k + kk - shot * cells_k;
    kernel.template cell<false, false, false>(kernel.box.at(shot, k, j) + i, k, j, i, shot);
  }
};

template <class Kernel>
void update_cells_on_device(const char* name, const Kernel& kernel) {
  const mesh::detail::BoxList frame = frame_of(kernel.box);
  if (frame.count > 0)
    mesh::detail::device_for_boxes(name, frame, kernel.box.shots, CellNearLayers<Kernel>{kernel});
  mesh::Range3 r = inside_of(kernel.box);
  const CellInside<Kernel> inside{kernel, r.begin[2], r.size(2)};
  r.end[2] = r.size(2) * kernel.box.shots;
  r.begin[2] = 0;
  if (r.size(0) > 0 && r.size(1) > 0 && r.size(2) > 0) mesh::detail::device_for(name, r, inside);
}

template <class Kernel>
void update_slabs_on_device(const char* name, const Kernel& kernel) {
  const mesh::detail::BoxList slabs = slabs_of(kernel.box);
  if (slabs.count > 0)
    mesh::detail::device_for_boxes(name, slabs, kernel.box.shots, CellInSlab<Kernel>{kernel});
}

}  // namespace understudy::solvers::seismic::detail
