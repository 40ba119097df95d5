// Loops over one side of the box: the plane of its boundary faces, the layers inside and beyond.
#pragma once

#include <array>
#include <vector>

#include "mesh/array.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "mesh/loops.hpp"
#include "solvers/flow/momentum_kernels.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

/// Where a side's plane lies in the arrays [k, j, i].
struct SidePlane {
  int side, axis;
  bool upper;
  int face;     ///< index of the boundary face along the axis
  int next;     ///< the face inside it
  int inside;   ///< the outermost interior cell
  int outward;  ///< +1 or -1
  mesh::Range3
      all;  ///< the whole plane, ghosts of the other axes included; extent 1 along the axis
  mesh::Range3 inner;  ///< the interior part of it

  SidePlane(const mesh::BoxGrid& grid, int side_)
      : side(side_), axis(mesh::side_axis(side_)), upper(mesh::is_upper(side_)) {
    const int g = grid.ghosts(axis), n = grid.local_cells(axis);
    face = upper ? g + n : g;
    next = upper ? face - 1 : face + 1;
    inside = upper ? g + n - 1 : g;
    outward = upper ? 1 : -1;
    all = grid.everything();
    inner = grid.interior();
    all.begin[axis] = inner.begin[axis] = 0;
    all.end[axis] = inner.end[axis] = 1;
  }
};

/// A side as sweeps over all sides see it; views share its memory.
template <class Real>
struct BoundarySide {
  SidePlane plane;
  bool given, outflow;  ///< its velocity is prescribed, or leaves
  double face_area;     ///< m2 (2-D: m)
  mesh::Array4<Real>
      data;  ///< [u, v, w, scalar; plane k, j, i with extent 1 along the side's axis]
  mesh::Array3<Real> open_faces;  ///< an outflow's faces: 0 in bodies, else 1
};

/// Linear index of plane point (k, j, i) at `index` along the plane's axis.
template <class Real>
KOKKOS_INLINE_FUNCTION Index at_layer(const mesh::Array3<Real>& a, int axis, int index, int k,
                                      int j, int i) {
  const int kk = axis == 2 ? index : k, jj = axis == 1 ? index : j, ii = axis == 0 ? index : i;
  return (Index(kk) * a.extent_int(1) + jj) * a.extent_int(2) + ii;
}

/// Sum of the normal velocity over the inner plane, this rank.
template <class Real>
double plane_sum(const SidePlane& plane, const mesh::Array4<Real>& data) {
  const int axis = plane.axis;
  return mesh::sum_cells(
      "flux", plane.inner,
      KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(data(axis, k, j, i)); });
}

/// And of its magnitude.
template <class Real>
double plane_sum_of_magnitudes(const SidePlane& plane, const mesh::Array4<Real>& data) {
  const int axis = plane.axis;
  return mesh::sum_cells(
      "flux", plane.inner, KOKKOS_LAMBDA(int k, int j, int i) {
        return Kokkos::abs(static_cast<double>(data(axis, k, j, i)));
      });
}

/// How many of the side's faces are open (1 in `open`, else 0), this rank.
template <class Real>
double open_count(const SidePlane& plane, const mesh::Array3<Real>& open) {
  return mesh::sum_cells(
      "open faces", plane.inner,
      KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(open(k, j, i)); });
}

/// sum_a |u_a| / h_a at one point of a side: the prescribed value or the one beside it, whichever is
/// larger (what is not prescribed is zero in `data`).
template <class Real, int dim>
struct PlaneCourant {
  mesh::Array3<Real> u[dim];
  mesh::Array4<Real> data;
  Real inv_h[dim];
  int axis, inside;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    Real sum = 0;
    for (int a = 0; a < dim; ++a) {
      const Real beside = Kokkos::abs(u[a].data()[at_layer(u[a], axis, inside, k, j, i)]);
      const Real given = Kokkos::abs(data(a, k, j, i));
      sum += inv_h[a] * (given > beside ? given : beside);
    }
    return static_cast<double>(sum);
  }
};

/// Its largest over the inner plane on this rank, 1/s.
template <class Real, int dim>
double plane_courant_rate(const mesh::BoxGrid& grid, const SidePlane& plane,
                          const Velocity<Real>& u, const mesh::Array4<Real>& data) {
  PlaneCourant<Real, dim> f;
  for (int a = 0; a < dim; ++a) {
    f.u[a] = u[a];
    f.inv_h[a] = Real(1 / grid.spacing(a));
  }
  f.data = data;
  f.axis = plane.axis;
  f.inside = plane.inside;
  return mesh::max_cells("courant at side", plane.inner, f);
}

/// to[to_layer] = from[from_layer] over the whole plane.
template <class Real>
void copy_plane(const SidePlane& plane, const mesh::Array3<Real>& from, int from_layer,
                const mesh::Array3<Real>& to, int to_layer) {
  const int axis = plane.axis;
  mesh::for_cells(
      "copy plane", plane.all, KOKKOS_LAMBDA(int k, int j, int i) {
        to.data()[at_layer(to, axis, to_layer, k, j, i)] =
            from.data()[at_layer(from, axis, from_layer, k, j, i)];
      });
}

/// The side's normal values = from[layer], where it is open.
template <class Real>
void take_plane(const SidePlane& plane, const mesh::Array3<Real>& from, int layer,
                const mesh::Array3<Real>& open, const mesh::Array4<Real>& data) {
  const int axis = plane.axis;
  mesh::for_cells(
      "take plane", plane.all, KOKKOS_LAMBDA(int k, int j, int i) {
        data(axis, k, j, i) = open(k, j, i) * from.data()[at_layer(from, axis, layer, k, j, i)];
      });
}

/// The normal values of outflow sides = the faces of `u`, in ghosts along the side, too. Closing faces there
/// are not part of the halo: they travel in a scratch array as inner values. All ranks take part; those without
/// the side send what nobody uses.
template <class Real>
void load_outflow_faces(const mesh::BoxGrid& grid, const std::vector<BoundarySide<Real>>& sides,
                        const Velocity<Real>& u, mesh::Halo<Real>& halo) {
  for (int s = 0; s < 2 * grid.dimension(); ++s) {
    const int axis = mesh::side_axis(s);
    const BoundarySide<Real>* mine = nullptr;
    for (const auto& side : sides)
      if (side.plane.side == s && side.outflow) mine = &side;
    if (grid.comm().max(mine ? 1LL : 0LL) == 0) continue;
    mesh::Array3<Real> scratch("outflow faces", u[axis].extent(0), u[axis].extent(1),
                               u[axis].extent(2));
    if (mine) copy_plane(mine->plane, u[axis], mine->plane.face, scratch, mine->plane.inside);
    halo.exchange({scratch});
    if (mine) take_plane(mine->plane, scratch, mine->plane.inside, mine->open_faces, mine->data);
  }
}

/// Convective condition, explicit and upwind, first order: u_face - courant (u_face - u_next). The
/// second-order upwind form (Warming & Beam 1976) was tried and lets more of a leaving vortex come
/// back (0.116 of its speed instead of 0.093, tests/validation/solvers/flow_outflow_test.cpp).
template <class Real>
void convect_plane(const SidePlane& plane, const mesh::Array3<Real>& u, const Real courant,
                   const mesh::Array3<Real>& open, const mesh::Array4<Real>& data) {
  const int axis = plane.axis, face = plane.face, next = plane.next;
  mesh::for_cells(
      "convect outflow", plane.all, KOKKOS_LAMBDA(int k, int j, int i) {
        const Real at_face = u.data()[at_layer(u, axis, face, k, j, i)];
        const Real beside = u.data()[at_layer(u, axis, next, k, j, i)];
        data(axis, k, j, i) = open(k, j, i) * (at_face - courant * (at_face - beside));
      });
}

template <class Real>
void shift_plane(const SidePlane& plane, const Real shift, const mesh::Array3<Real>& open,
                 const mesh::Array4<Real>& data) {
  const int axis = plane.axis;
  mesh::for_cells(
      "balance outflow", plane.all,
      KOKKOS_LAMBDA(int k, int j, int i) { data(axis, k, j, i) += shift * open(k, j, i); });
}

}  // namespace understudy::solvers::flow
