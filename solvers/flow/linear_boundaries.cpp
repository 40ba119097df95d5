#include "solvers/flow/linear_boundaries.hpp"

#include <algorithm>

#include "solvers/flow/boundary_fills.hpp"

namespace understudy::solvers::flow {

namespace {

template <class Real>
void scale_values(const mesh::Array4<Real>& from, Real factor, const mesh::Array4<Real>& to) {
  const mesh::Range3 all{{0, 0, 0}, {from.extent_int(3), from.extent_int(2), from.extent_int(1)}};
  mesh::for_cells(
      "scale side", all, KOKKOS_LAMBDA(int k, int j, int i) {
        for (int c = 0; c < 3; ++c) to(c, k, j, i) = factor * from(c, k, j, i);
      });
}

// The change of convect_plane, for changes d of u and `by_courant` of the Courant number.
template <class Real>
struct ConvectChange {
  int axis, face, next;
  Real courant, by_courant;
  mesh::Array3<Real> u, d, open;
  mesh::Array4<Real> change;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index f = at_layer(u, axis, face, k, j, i), n = at_layer(u, axis, next, k, j, i);
    change(axis, k, j, i) = open(k, j, i) * (d.data()[f] - courant * (d.data()[f] - d.data()[n]) -
                                             by_courant * (u.data()[f] - u.data()[n]));
  }
};

// Its transpose; returns the derivative with respect to the Courant number.
template <class Real>
struct ConvectFold {
  int axis, face, next;
  Real courant;
  mesh::Array3<Real> u, a, open;
  mesh::Array4<Real> change;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Index f = at_layer(u, axis, face, k, j, i), n = at_layer(u, axis, next, k, j, i);
    const Real bar = open(k, j, i) * change(axis, k, j, i);
    a.data()[f] += (Real(1) - courant) * bar;
    a.data()[n] += courant * bar;
    return -static_cast<double>(bar * (u.data()[f] - u.data()[n]));
  }
};

template <class Real>
void fold_layer(const SidePlane& plane, const mesh::Range3& own, int layer,
                const mesh::Array3<Real>& a, const mesh::Array3<Real>& open,
                const mesh::Array4<Real>& change) {
  const int axis = plane.axis;
  mesh::for_cells(
      "fold outflow", own, KOKKOS_LAMBDA(int k, int j, int i) {
        a.data()[at_layer(a, axis, layer, k, j, i)] += open(k, j, i) * change(axis, k, j, i);
      });
}

template <class Real>
void fold_faces(const SidePlane& plane, const mesh::Range3& own, const mesh::Array3<Real>& a,
                const mesh::Array4<Real>& change) {
  const int axis = plane.axis, face = plane.face, out = plane.outward;
  const int beyond = plane.upper ? 1 : 2;
  mesh::for_cells(
      "fold faces", own, KOKKOS_LAMBDA(int k, int j, int i) {
        Real sum = 0;
        for (int m = 1; m <= beyond; ++m) {
          const Index ghost = at_layer(a, axis, face + m * out, k, j, i);
          a.data()[at_layer(a, axis, face - m * out, k, j, i)] -= a.data()[ghost];
          sum += Real(2) * a.data()[ghost];
          a.data()[ghost] = 0;
        }
        const Index here = at_layer(a, axis, face, k, j, i);
        change(axis, k, j, i) += sum + a.data()[here];
        a.data()[here] = 0;
      });
}

template <class Real>
void fold_mirrored(const SidePlane& plane, const mesh::Range3& own, const mesh::Array3<Real>& a,
                   bool given, int c, const mesh::Array4<Real>& change) {
  const int axis = plane.axis, inside = plane.inside, out = plane.outward;
  const Real twice = given ? Real(2) : Real(0), sign = given ? Real(-1) : Real(1);
  mesh::for_cells(
      "fold ghosts", own, KOKKOS_LAMBDA(int k, int j, int i) {
        Real sum = 0;
        for (int m = 0; m < 2; ++m) {
          const Index ghost = at_layer(a, axis, inside + (m + 1) * out, k, j, i);
          a.data()[at_layer(a, axis, inside - m * out, k, j, i)] += sign * a.data()[ghost];
          sum += a.data()[ghost];
          a.data()[ghost] = 0;
        }
        change(c, k, j, i) += twice * sum;
      });
}

template <class Real>
void add_layer(const SidePlane& plane, Real factor, const mesh::Array3<Real>& b,
               const mesh::Array4<Real>& change) {
  const int axis = plane.axis, inside = plane.inside;
  mesh::for_cells(
      "fold divergence", plane.inner, KOKKOS_LAMBDA(int k, int j, int i) {
        change(axis, k, j, i) += factor * b.data()[at_layer(b, axis, inside, k, j, i)];
      });
}

template <class Real>
void add_constant(const SidePlane& plane, Real by, const mesh::Array4<Real>& change) {
  const int axis = plane.axis;
  mesh::for_cells(
      "fold flux", plane.inner,
      KOKKOS_LAMBDA(int k, int j, int i) { change(axis, k, j, i) += by; });
}

template <class Real>
double sum_open(const SidePlane& plane, const mesh::Range3& own, const mesh::Array3<Real>& open,
                const mesh::Array4<Real>& change) {
  const int axis = plane.axis;
  return mesh::sum_cells(
      "fold balance", own, KOKKOS_LAMBDA(int k, int j, int i) {
        return static_cast<double>(open(k, j, i) * change(axis, k, j, i));
      });
}

template <class Real>
double sum_products(const mesh::Range3& own, int components, const mesh::Array4<Real>& values,
                    const mesh::Array4<Real>& change) {
  return mesh::sum_cells(
      "fold given", own, KOKKOS_LAMBDA(int k, int j, int i) {
        double sum = 0;
        for (int c = 0; c < components; ++c)
          sum += static_cast<double>(values(c, k, j, i)) * static_cast<double>(change(c, k, j, i));
        return sum;
      });
}

}  // namespace

mesh::Range3 own_points(const mesh::BoxGrid& grid) {
  mesh::Range3 own = grid.interior();
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    if (!grid.at_boundary(side)) continue;
    const int axis = mesh::side_axis(side);
    (mesh::is_upper(side) ? own.end : own.begin)[axis] =
        mesh::is_upper(side) ? grid.extent(axis) : 0;
  }
  return own;
}

template <class Real>
LinearBoundaries<Real>::LinearBoundaries(const Boundaries<Real>& boundaries,
                                         std::shared_ptr<const mesh::BoxGrid> grid)
    : boundaries_(boundaries), grid_(std::move(grid)) {
  for (const BoundarySide<Real>& from : boundaries.sides()) {
    Side side{from, from.data, own_points(*grid_)};
    side.own.begin[from.plane.axis] = 0;
    side.own.end[from.plane.axis] = 1;
    side.data = mesh::Array4<Real>("changes of boundary values", from.data.extent(0),
                                   from.data.extent(1), from.data.extent(2), from.data.extent(3));
    sides_.push_back(side);
  }
}

template <class Real>
std::vector<BoundarySide<Real>> LinearBoundaries<Real>::changes() const {
  return {sides_.begin(), sides_.end()};
}

template <class Real>
void LinearBoundaries<Real>::change_given(const std::vector<double>& scale) {
  double flux = 0;
  for (const Side& side : sides_) {
    if (!side.given) {
      if (!side.outflow) Kokkos::deep_copy(side.data, Real(0));
      continue;
    }
    scale_values(side.given_values, Real(scale.at(side.plane.side)), side.data);
    flux += side.face_area * plane_sum(side.plane, side.data) * -side.plane.outward;
  }
  if (has_outflow()) inflow_change_ = grid_->comm().sum(flux);
}

template <class Real>
void LinearBoundaries<Real>::load_outflow(const Velocity<Real>& d, mesh::Halo<Real>& halo) {
  if (has_outflow()) load_outflow_faces(*grid_, changes(), d, halo);
}

template <class Real>
void LinearBoundaries<Real>::convect_outflow(const Velocity<Real>& u, const Velocity<Real>& d,
                                             double dt_s) {
  if (!has_outflow()) return;
  const double area = boundaries_.outflow_area(), flux = boundaries_.inflow_flux();
  const double speed = std::max(0.0, flux / area), change = flux > 0 ? inflow_change_ / area : 0;
  for (const Side& side : sides_) {
    if (!side.outflow) continue;
    const SidePlane& p = side.plane;
    const double courant = dt_s / grid_->spacing(p.axis);
    mesh::for_cells(
        "convect outflow", p.all,
        ConvectChange<Real>{p.axis, p.face, p.next, Real(speed * courant), Real(change * courant),
                            u[p.axis], d[p.axis], side.open_faces, side.data});
  }
}

template <class Real>
void LinearBoundaries<Real>::reset_outflow(const Velocity<Real>& d) {
  for (const Side& side : sides_)
    if (side.outflow)
      take_plane(side.plane, d[side.plane.axis], side.plane.next, side.open_faces, side.data);
}

template <class Real>
void LinearBoundaries<Real>::balance() {
  if (!has_outflow()) return;
  double flux = 0;
  for (const Side& side : sides_)
    if (side.outflow)
      flux += side.face_area * plane_sum(side.plane, side.data) * side.plane.outward;
  const double outward = (inflow_change_ - grid_->comm().sum(flux)) / boundaries_.outflow_area();
  for (const Side& side : sides_)
    if (side.outflow)
      shift_plane(side.plane, Real(side.plane.outward * outward), side.open_faces, side.data);
}

template <class Real>
void LinearBoundaries<Real>::set_normal(const Velocity<Real>& d) const {
  PlaneFills<NormalFill<Real>> fills("change of boundary faces");
  for (const Side& side : sides_) {
    fills.add(side.plane, {side.plane, d[side.plane.axis], side.data});
    if (grid_->local_cells(side.plane.axis) < 3) fills.flush();  // the other side's face is read
  }
}

template <class Real>
void LinearBoundaries<Real>::fill_velocity(const Velocity<Real>& d) const {
  set_normal(d);
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    PlaneFills<MirrorFill<Real>> fills("change of boundary ghosts");
    for (const Side& side : sides_)
      for (int c = 0; c < grid_->dimension() && side.plane.axis == axis; ++c)
        if (c != axis) fills.add(side.plane, {side.plane, d[c], side.given, c, side.data});
  }
}

template <class Real>
void LinearBoundaries<Real>::clear() {
  for (const Side& side : sides_) Kokkos::deep_copy(side.data, Real(0));
  inflow_change_ = 0;
}

template <class Real>
void LinearBoundaries<Real>::fold_normal(const Velocity<Real>& a) {
  for (auto side = sides_.rbegin(); side != sides_.rend(); ++side)
    fold_faces(side->plane, side->own, a[side->plane.axis], side->data);
}

template <class Real>
void LinearBoundaries<Real>::fold_velocity(const Velocity<Real>& a) {
  for (auto side = sides_.rbegin(); side != sides_.rend(); ++side)
    for (int c = grid_->dimension() - 1; c >= 0; --c)
      if (c != side->plane.axis)
        fold_mirrored(side->plane, side->own, a[c], side->given, c, side->data);
  fold_normal(a);
}

template <class Real>
void LinearBoundaries<Real>::take_divergence(const mesh::Array3<Real>& b, double dt_s) {
  for (const Side& side : sides_)
    add_layer(side.plane, Real(-side.plane.outward / (dt_s * grid_->spacing(side.plane.axis))), b,
              side.data);
}

template <class Real>
void LinearBoundaries<Real>::fold_balance() {
  if (!has_outflow()) return;
  double sum = 0;
  for (const Side& side : sides_)
    if (side.outflow)
      sum += side.plane.outward * sum_open(side.plane, side.own, side.open_faces, side.data);
  const double part = sum / boundaries_.outflow_area();
  inflow_change_ += part;
  const double all = grid_->comm().sum(part);
  for (const Side& side : sides_)
    if (side.outflow)
      add_constant(side.plane, Real(-all * side.face_area * side.plane.outward), side.data);
}

template <class Real>
void LinearBoundaries<Real>::fold_convection(const Velocity<Real>& u, const Velocity<Real>& a,
                                             double dt_s) {
  if (!has_outflow()) return;
  const double area = boundaries_.outflow_area(), flux = boundaries_.inflow_flux();
  const double speed = std::max(0.0, flux / area);
  for (const Side& side : sides_) {
    if (!side.outflow) continue;
    const SidePlane& p = side.plane;
    const double courant = dt_s / grid_->spacing(p.axis);
    const double by_courant =
        mesh::sum_cells("fold convection", side.own,
                        ConvectFold<Real>{p.axis, p.face, p.next, Real(speed * courant), u[p.axis],
                                          a[p.axis], side.open_faces, side.data});
    if (flux > 0) inflow_change_ += by_courant * courant / area;
  }
}

template <class Real>
void LinearBoundaries<Real>::fold_reset(const Velocity<Real>& a) {
  for (const Side& side : sides_)
    if (side.outflow)
      fold_layer(side.plane, side.own, side.plane.next, a[side.plane.axis], side.open_faces,
                 side.data);
}

template <class Real>
void LinearBoundaries<Real>::fold_load(const Velocity<Real>& a) {
  for (const Side& side : sides_)
    if (side.outflow)
      fold_layer(side.plane, side.own, side.plane.face, a[side.plane.axis], side.open_faces,
                 side.data);
}

template <class Real>
void LinearBoundaries<Real>::fold_given(std::vector<double>& scale) {
  const double by_inflow = has_outflow() ? grid_->comm().sum(inflow_change_) : 0;
  for (const Side& side : sides_) {
    if (!side.given) continue;
    if (by_inflow != 0)
      add_constant(side.plane, Real(-side.plane.outward * side.face_area * by_inflow), side.data);
    scale.at(side.plane.side) +=
        sum_products(side.own, grid_->dimension(), side.given_values, side.data);
  }
}

template class LinearBoundaries<float>;
template class LinearBoundaries<double>;

}  // namespace understudy::solvers::flow
