#include "solvers/flow/boundaries.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/boundary_fills.hpp"
#include "solvers/flow/formula_checks.hpp"

namespace understudy::solvers::flow {

namespace {

bool inside(const mesh::BoxGrid& grid, const std::array<double, 3>& x) {
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const double slack = 1e-9 * grid.spacing(axis);
    if (x[axis] < grid.lower(axis) - slack || x[axis] > grid.upper(axis) + slack) return false;
  }
  return true;
}

// Where a value of a side's plane lies: velocity component 0 to 2, or a cell's (3).
std::array<double, 3> plane_point(const mesh::BoxGrid& grid, const SidePlane& plane, int component,
                                  const std::array<int, 3>& at) {
  const auto location =
      component == 3 ? mesh::Location::cell : static_cast<mesh::Location>(component + 1);
  std::array<double, 3> x{};
  for (int axis = 0; axis < 3; ++axis)
    x[axis] = axis == plane.axis ? (plane.upper ? grid.upper(axis) : grid.lower(axis))
                                 : grid.coordinate(location, axis, at[axis]);
  return x;
}

}  // namespace

template <class Real>
struct Boundaries<Real>::Side {
  int side;
  std::string kind;
  SideValues values;
  SidePlane plane;
  mesh::Array4<Real>
      data;          ///< [u, v, w, scalar; plane k, j, i with extent 1 along the side's axis]
  double face_area;  ///< m2 (2-D: m)
  std::array<mesh::HostArray3<Real>, 3> open;  ///< 0 in bodies, else 1, by component; empty: 1
  mesh::Array3<Real> open_faces;               ///< the same of an outflow's faces, plane [k, j, i]
};

template <class Real>
Boundaries<Real>::Boundaries(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
                             const std::string& deck_directory, const Bodies& bodies)
    : grid_(std::move(grid)) {
  double area = 0;
  for (int side = 0; side < 2 * grid_->dimension(); ++side) {
    const FlowBoundaryParams& p = params.boundaries.side[side];
    if (p.kind == "periodic") continue;
    SideValues values(p, side, *grid_, deck_directory);
    time_dependent_ = time_dependent_ || values.depends_on_time();
    if (values.has_scalar()) gives_scalar_[mesh::side_axis(side)] = true;
    if (!grid_->at_boundary(side)) continue;
    const SidePlane plane(*grid_, side);
    const double face_area = grid_->cell_volume() / grid_->spacing(plane.axis);
    mesh::Array4<Real> data("boundary values", 4, plane.all.end[2], plane.all.end[1],
                            plane.all.end[0]);
    sides_.push_back({side, p.kind, std::move(values), plane, data, face_area, {}, {}});
    Side& made = sides_.back();
    for (int c = 0; c < grid_->dimension(); ++c)
      if (bodies.near_sides()) made.open[c] = open_points(plane, c, bodies);
    if (p.kind != "outflow") continue;
    made.open_faces =
        mesh::Array3<Real>("open faces", plane.all.end[2], plane.all.end[1], plane.all.end[0]);
    if (bodies.near_sides())
      Kokkos::deep_copy(made.open_faces, made.open[plane.axis]);
    else
      Kokkos::deep_copy(made.open_faces, Real(1));
    area += face_area * open_count(plane, made.open_faces);
  }
  outflow_area_ = grid_->comm().sum(area);
  evaluate(0);
}

template <class Real>
Boundaries<Real>::~Boundaries() = default;

template <class Real>
mesh::HostArray3<Real> Boundaries<Real>::open_points(const SidePlane& plane, int component,
                                                     const Bodies& bodies) const {
  mesh::HostArray3<Real> open("open points", plane.all.end[2], plane.all.end[1], plane.all.end[0]);
  for (int k = 0; k < plane.all.end[2]; ++k)
    for (int j = 0; j < plane.all.end[1]; ++j)
      for (int i = 0; i < plane.all.end[0]; ++i)
        open(k, j, i) = bodies.is_solid(plane_point(*grid_, plane, component, {i, j, k})) ? 0 : 1;
  return open;
}

template <class Real>
std::string Boundaries<Real>::evaluate_side(Side& side, double t_s) {
  std::string fault;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), side.data);
  const mesh::BoxGrid& grid = *grid_;
  const SidePlane& plane = side.plane;
  for (int c = 0; c < 4; ++c) {
    if (c == 3 ? !side.values.has_scalar() : c >= grid.dimension() || !side.values.has_velocity())
      continue;
    for (int k = 0; k < plane.all.end[2]; ++k)
      for (int j = 0; j < plane.all.end[1]; ++j)
        for (int i = 0; i < plane.all.end[0]; ++i) {
          const std::array<double, 3> x = plane_point(grid, plane, c, {i, j, k});
          const double value =
              c == 3 ? side.values.scalar(x, t_s) : side.values.velocity(c, x, t_s);
          // Ghosts lie outside the box, where a formula need not mean anything.
          if (!std::isfinite(value) && fault.empty() && inside(grid, x))
            fault = side.values.fault(c, value, x, t_s);
          host(c, k, j, i) = Real(value);
          if (c < 3 && side.open[c].data() && side.open[c](k, j, i) == 0) host(c, k, j, i) = 0;
        }
  }
  Kokkos::deep_copy(side.data, host);
  return fault;
}

template <class Real>
void Boundaries<Real>::evaluate(double t_s) {
  if (!first_ && !time_dependent_) return;
  std::array<double, 2> flux{};  // net into the box, and of magnitudes
  std::string fault;
  for (Side& side : sides_)
    if (first_ || side.values.depends_on_time()) {
      const std::string own = evaluate_side(side, t_s);
      if (fault.empty()) fault = own;
    }
  throw_fault(grid_->comm(), fault, t_s);
  for (const Side& side : sides_) {
    if (!side.values.has_velocity()) continue;
    flux[0] += side.face_area * plane_sum(side.plane, side.data) * (side.plane.upper ? -1 : 1);
    flux[1] += side.face_area * plane_sum_of_magnitudes(side.plane, side.data);
  }
  grid_->comm().sum(std::span<double>(flux));
  first_ = false;
  inflow_flux_ = flux[0];
  if (!has_outflow() && std::abs(flux[0]) > 1e-6 * flux[1])
    throw core::UserError(core::format(
        "flow.boundaries: inflow and walls bring in {:.6g} m{}/s net at t = {:.6g} s, and no side "
        "is an outflow; make one an outflow or balance the velocities",
        flux[0], grid_->dimension() == 2 ? 2 : 3, t_s));
}

template <class Real>
void Boundaries<Real>::load_outflow(const Velocity<Real>& u, mesh::Halo<Real>& halo) {
  if (!has_outflow()) return;
  load_outflow_faces(*grid_, sides(), u, halo);
}

template <class Real>
std::vector<BoundarySide<Real>> Boundaries<Real>::sides() const {
  std::vector<BoundarySide<Real>> list;
  for (const Side& side : sides_)
    list.push_back({side.plane, side.values.has_velocity(), side.kind == "outflow", side.face_area,
                    side.data, side.open_faces});
  return list;
}

template <class Real>
void Boundaries<Real>::convect_outflow(const Velocity<Real>& u, double dt_s) {
  if (!has_outflow()) return;
  const double speed = std::max(0.0, inflow_flux_ / outflow_area_);
  for (Side& side : sides_)
    if (side.kind == "outflow")
      convect_plane(side.plane, u[side.plane.axis],
                    Real(speed * dt_s / grid_->spacing(side.plane.axis)), side.open_faces,
                    side.data);
}

template <class Real>
void Boundaries<Real>::reset_outflow(const Velocity<Real>& u) {
  for (Side& side : sides_)
    if (side.kind == "outflow")
      take_plane(side.plane, u[side.plane.axis], side.plane.next, side.open_faces, side.data);
}

template <class Real>
double Boundaries<Real>::outflow_flux() const {
  double flux = 0;
  for (const Side& side : sides_)
    if (side.kind == "outflow")
      flux += side.face_area * plane_sum(side.plane, side.data) * (side.plane.upper ? 1 : -1);
  return grid_->comm().sum(flux);
}

template <class Real>
void Boundaries<Real>::balance() {
  if (!has_outflow()) return;
  const double outward = (inflow_flux_ - outflow_flux()) / outflow_area_;
  for (Side& side : sides_)
    if (side.kind == "outflow")
      shift_plane(side.plane, Real(side.plane.upper ? outward : -outward), side.open_faces,
                  side.data);
}

template <class Real>
double Boundaries<Real>::max_cfl_rate_1_s(const Velocity<Real>& u) const {
  double largest = 0;
  for (const Side& side : sides_)
    largest =
        std::max(largest, grid_->dimension() == 2
                              ? plane_courant_rate<Real, 2>(*grid_, side.plane, u, side.data)
                              : plane_courant_rate<Real, 3>(*grid_, side.plane, u, side.data));
  return largest;
}

template <class Real>
void Boundaries<Real>::set_normal(const Velocity<Real>& u) const {
  PlaneFills<NormalFill<Real>> fills("boundary faces");
  for (const Side& side : sides_) {
    fills.add(side.plane, {side.plane, u[side.plane.axis], side.data});
    if (grid_->local_cells(side.plane.axis) < 3) fills.flush();  // the other side's face is read
  }
}

template <class Real>
void Boundaries<Real>::fill_velocity(const Velocity<Real>& u) const {
  fill(u, {}, {});
}

// Axis by axis: the two sides of one do not touch each other.
template <class Real>
void Boundaries<Real>::fill(const Velocity<Real>& u, const mesh::Array3<Real>& p,
                            const mesh::Array3<Real>& scalar) const {
  if (u[0].data()) set_normal(u);
  // Then the tangential ghosts over the whole plane: so the corners follow from faces and interior.
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    PlaneFills<MirrorFill<Real>> fills("boundary ghosts");
    for (const Side& side : sides_) {
      if (side.plane.axis != axis) continue;
      const bool given = side.values.has_velocity();
      for (int c = 0; c < grid_->dimension(); ++c)
        if (c != axis && u[c].data())
          fills.add(side.plane, {side.plane, u[c], given, c, side.data});
      if (p.data()) fills.add(side.plane, {side.plane, p, false, 3, side.data});
      if (scalar.data())
        fills.add(side.plane, {side.plane, scalar, side.values.has_scalar(), 3, side.data});
    }
  }
}

template <class Real>
void Boundaries<Real>::fill_scalar(const mesh::Array3<Real>& c) const {
  fill({}, {}, c);
}

template <class Real>
std::array<GivenFaces, 3> Boundaries<Real>::given_faces() const {
  std::array<GivenFaces, 3> faces{};
  for (const Side& side : sides_)
    if (side.values.has_scalar())
      (side.plane.upper ? faces[side.plane.axis].upper : faces[side.plane.axis].lower) =
          side.plane.face;
  return faces;
}

template class Boundaries<float>;
template class Boundaries<double>;

}  // namespace understudy::solvers::flow
