#include "solvers/flow/body_points.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/body_stencils.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr double far = 1e30;

void require_not_across_periodic(const mesh::Body& body, const std::string& what,
                                 const mesh::BoxGrid& grid) {
  const auto bounds = body.bounds();
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    if (!grid.periodic(axis)) continue;
    const double slack = 3 * grid.spacing(axis);
    const bool inside =
        bounds[0][axis] >= grid.lower(axis) + slack && bounds[1][axis] <= grid.upper(axis) - slack;
    const bool through =
        bounds[0][axis] <= grid.lower(axis) - slack && bounds[1][axis] >= grid.upper(axis) + slack;
    if (!inside && !through)
      throw core::UserError(core::format(
          "{}: reaches from {:.6g} to {:.6g} m along {}, across or within three cells of the "
          "periodic side; keep it inside {:.6g} to {:.6g} m",
          what, bounds[0][axis], bounds[1][axis], "xyz"[axis], grid.lower(axis) + slack,
          grid.upper(axis) - slack));
  }
}

// Shifts that are tried, in spacings; along a diagonal two cells are 2.8 (3-D: 3.4) spacings.
constexpr double first_shift = 0.5, last_shift = 3.4, shift_step = 0.1;

// u at distance d (spacings) from the wall: the parabola through the wall and two places further
// out. The straight line where only one is found; false where none is: then what is left of one.
bool add_interface(const NormalLine& line, double d, int index, InterpolatedPoints& points) {
  Stencil near, best;
  double a = 0, b = 0, blocked = 0;
  for (double shift = first_shift; shift < last_shift && a == 0; shift += shift_step) {
    const Stencil s = line(shift);
    if (s.reachable && s.free) {
      near = s;
      a = d + shift;
    }
    if (s.reachable && blocked == 0 && shift > 0.95) {
      best = s;
      blocked = d + shift;
    }
  }
  if (a == 0) {
    add(points, index, best, blocked > 0 ? d / blocked : 0, best, 0);
    return false;
  }
  Stencil far_off;
  for (double shift = a - d + 1; shift > a - d + 0.45 && b == 0; shift -= shift_step) {
    const Stencil s = line(shift);
    if (s.reachable && s.free) {
      far_off = s;
      b = d + shift;
    }
  }
  if (b > 0)
    add(points, index, near, d * (b - d) / (a * (b - a)), far_off, -d * (a - d) / (b * (b - a)));
  else
    add(points, index, near, d / a, near, 0);
  return true;
}

// The nearest place at `from` spacings or further out whose stencil is free; 0: there is none.
double nearest_free(const NormalLine& line, double from, double to, Stencil& found) {
  for (double shift = from; shift < to; shift += shift_step) {
    found = line(shift);
    if (found.reachable && found.free) return shift;
  }
  return 0;
}

// A cell at `depth` (spacings) in a body. Fixed: the straight line through the body's value on the
// surface and the place that mirrors the cell, or the nearest further out. Insulated: the parabola
// without slope at the surface through two places.
void add_scalar_point(const NormalLine& line, double depth, bool fixed, int index,
                      InterpolatedPoints& points) {
  Stencil near, far_off;
  const double shift = nearest_free(line, fixed ? 2 * depth : first_shift, last_shift, near);
  const double a = shift - depth;
  if (shift == 0) {    // in a corner: stays as it is
    near = Stencil{};  // the last one tried is not free
    near.index[0] = index;
    near.weight[0] = 1;
    add(points, index, near, 1, near, 0);
    return;
  }
  if (fixed) {
    add(points, index, near, -depth / a, near, 0);
    return;
  }
  double b = 0;
  for (double further = shift + 1; further > shift + 0.45 && b == 0; further -= shift_step) {
    far_off = line(further);
    if (far_off.reachable && far_off.free) b = further - depth;
  }
  const double weight = b > 0 ? (depth * depth - a * a) / (b * b - a * a) : 0;
  add(points, index, near, 1 - weight, far_off, weight);
}

}  // namespace

Bodies::Bodies(const std::vector<mesh::BodyParams>& params,
               std::shared_ptr<const mesh::BoxGrid> grid, const std::string& deck_directory)
    : grid_(std::move(grid)) {
  const double margin = 3 * largest_spacing(*grid_);
  for (std::size_t n = 0; n < params.size(); ++n) {
    const std::string what = core::format("flow.bodies[{}], {}", n, params[n].shape);
    auto body = mesh::make_body(params[n], grid_->dimension(), deck_directory);
    mesh::require_inside(*body, what, *grid_, margin);
    require_not_across_periodic(*body, what, *grid_);
    auto reach = body->bounds();
    for (int axis = 0; axis < 3; ++axis) {
      const bool there = axis < grid_->dimension();
      reach[0][axis] = there ? reach[0][axis] - 5 * largest_spacing(*grid_) : -far;
      reach[1][axis] = there ? reach[1][axis] + 5 * largest_spacing(*grid_) : far;
    }
    reach_.push_back(reach);
    bodies_.push_back(std::move(body));
    require_thick(*bodies_.back(), what);
  }
}

double Bodies::distance(const mesh::Point& x) const {
  double least = far;
  for (std::size_t n = 0; n < bodies_.size(); ++n) {
    bool near = true;
    for (int axis = 0; axis < 3; ++axis)
      near = near && x[axis] >= reach_[n][0][axis] && x[axis] <= reach_[n][1][axis];
    if (near) least = std::min(least, bodies_[n]->distance(x));
  }
  return least;
}

void Bodies::require_thick(const mesh::Body& body, const std::string& what) const {
  const auto bounds = body.bounds();
  const mesh::Range3 r = grid_->interior();
  double depth = -far;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        mesh::Point x{grid_->coordinate(mesh::Location::cell, 0, i),
                      grid_->coordinate(mesh::Location::cell, 1, j),
                      grid_->coordinate(mesh::Location::cell, 2, k)};
        bool near = true;
        for (int axis = 0; axis < grid_->dimension(); ++axis)
          near = near && x[axis] >= bounds[0][axis] && x[axis] <= bounds[1][axis];
        if (near) depth = std::max(depth, -body.distance(x));
      }
  depth = grid_->comm().max(depth);
  const double h = largest_spacing(*grid_);
  if (depth < h)
    throw core::UserError(core::format(
        "{}: is thinner than the grid resolves: no cell centre lies deeper than {:.6g} m inside "
        "it, and one cell ({:.6g} m) is wanted; use a finer grid or a thicker body",
        what, std::max(depth, 0.0), h));
}

mesh::Point Bodies::normal(const mesh::Point& x) const {
  mesh::Point n{};
  double length = 0;
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    const double eps = 1e-3 * grid_->spacing(axis);
    mesh::Point a = x, b = x;
    a[axis] -= eps;
    b[axis] += eps;
    n[axis] = (distance(b) - distance(a)) / (2 * eps);
    length += n[axis] * n[axis];
  }
  length = std::max(std::sqrt(length), 1e-12);
  for (double& component : n) component /= length;
  return n;
}

std::vector<int> Bodies::buried_cells() const {
  std::vector<int> cells;
  if (empty()) return cells;
  const mesh::BoxGrid& grid = *grid_;
  std::vector<Distances> faces;
  for (int axis = 0; axis < grid.dimension(); ++axis)
    faces.emplace_back(*this, grid, static_cast<mesh::Location>(axis + 1));
  const mesh::Range3 r = grid.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        bool buried = true;
        for (int axis = 0; axis < grid.dimension(); ++axis) {
          const std::array<int, 3> lower{i, j, k};
          std::array<int, 3> upper = lower;
          ++upper[axis];
          buried = buried && faces[axis].is_forced(lower) && faces[axis].is_forced(upper);
        }
        if (buried) cells.push_back((k * grid.extent(1) + j) * grid.extent(0) + i);
      }
  return cells;
}

InterpolatedPoints Bodies::find_scalar(bool fixed) const {
  InterpolatedPoints points;
  if (empty()) return points;
  const mesh::BoxGrid& grid = *grid_;
  const Distances d(*this, grid, mesh::Location::cell);
  const mesh::Range3 r = grid.interior();
  const double h = largest_spacing(grid);
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::array<int, 3> at{i, j, k};
        if (d(at) > 0) continue;
        bool beside_fluid = false;
        for (int axis = 0; axis < grid.dimension(); ++axis)
          for (const int step : {-1, 1}) {
            std::array<int, 3> next = at;
            next[axis] += step;
            beside_fluid = beside_fluid || d(next) > 0;
          }
        if (!beside_fluid) continue;
        const NormalLine line(d, grid, at, normal(d.position(at)));
        add_scalar_point(line, -d(at) / h, fixed, (k * grid.extent(1) + j) * grid.extent(0) + i,
                         points);
      }
  return points;
}

std::size_t Bodies::nearest(const mesh::Point& x) const {
  std::size_t best = 0;
  double least = far;
  for (std::size_t n = 0; n < bodies_.size(); ++n) {
    const double distance = bodies_[n]->distance(x);
    if (distance < least) {
      least = distance;
      best = n;
    }
  }
  return best;
}

ForcedPoints Bodies::find(mesh::Location location) const {
  ForcedPoints points;
  if (empty()) return points;
  const mesh::BoxGrid& grid = *grid_;
  const Distances d(*this, grid, location);
  const mesh::Range3 r = grid.interior();
  const double h = largest_spacing(grid);
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::array<int, 3> at{i, j, k};
        const int index = (k * grid.extent(1) + j) * grid.extent(0) + i;
        const double here = d(at) / h;
        if (here <= 0) points.solid.push_back(index);
        if (!d.is_interface(at)) continue;
        const NormalLine line(d, grid, at, normal(d.position(at)));
        if (!add_interface(line, here, index, points.interface)) ++points.blocked;
      }
  return points;
}

}  // namespace understudy::solvers::flow
