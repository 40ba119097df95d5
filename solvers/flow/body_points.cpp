#include "solvers/flow/body_points.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/body_stencils.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr double far = 1e30;

// Does a body that reaches from `bounds[0]` to `bounds[1]` come within `margin` of a side?
bool comes_near(const std::array<mesh::Point, 2>& bounds, const mesh::BoxGrid& grid, int side,
                double margin) {
  const int axis = mesh::side_axis(side);
  return mesh::is_upper(side) ? bounds[1][axis] > grid.upper(axis) - margin
                              : bounds[0][axis] < grid.lower(axis) + margin;
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
  for (std::size_t n = 0; n < params.size(); ++n) {
    bodies_.push_back(mesh::make_body(params[n], grid_->dimension(), deck_directory));
    add_copies(n);
    require_resolved(n, core::format("flow.bodies[{}], {}", n, params[n].shape));
  }
}

void Bodies::add_copies(std::size_t body) {
  const auto bounds = bodies_[body]->bounds();
  const double h = largest_spacing(*grid_);
  std::array<int, 3> most{};  // periods to each side
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    if (std::isinf(bounds[0][axis]) || std::isinf(bounds[1][axis])) {
      spans_sides_ = spans_sides_ || !grid_->periodic(axis);
      continue;
    }
    if (grid_->periodic(axis)) {
      most[axis] = 1;
      continue;
    }
    for (int side = 2 * axis; side < 2 * axis + 2; ++side)
      near_sides_ = near_sides_ || comes_near(bounds, *grid_, side, 3 * h);
  }
  for (int kz = -most[2]; kz <= most[2]; ++kz)
    for (int ky = -most[1]; ky <= most[1]; ++ky)
      for (int kx = -most[0]; kx <= most[0]; ++kx) {
        const std::array<int, 3> periods{kx, ky, kz};
        Copy copy{body, {}, bounds};
        bool there = true;
        for (int axis = 0; axis < 3; ++axis) {
          const bool in_use = axis < grid_->dimension();
          if (in_use) copy.shift[axis] = periods[axis] * (grid_->upper(axis) - grid_->lower(axis));
          copy.reach[0][axis] = in_use ? bounds[0][axis] + copy.shift[axis] - 5 * h : -far;
          copy.reach[1][axis] = in_use ? bounds[1][axis] + copy.shift[axis] + 5 * h : far;
          there =
              there && (periods[axis] == 0 || (copy.reach[1][axis] > grid_->lower(axis) - 5 * h &&
                                               copy.reach[0][axis] < grid_->upper(axis) + 5 * h));
        }
        if (there) copies_.push_back(copy);
      }
}

double Bodies::distance(const mesh::Point& place) const {
  mesh::Point x = place;
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    if (grid_->periodic(axis)) continue;
    if (x[axis] < grid_->lower(axis)) x[axis] = 2 * grid_->lower(axis) - x[axis];
    if (x[axis] > grid_->upper(axis)) x[axis] = 2 * grid_->upper(axis) - x[axis];
  }
  double least = far;
  for (const Copy& copy : copies_) {
    bool near = true;
    mesh::Point y = x;
    for (int axis = 0; axis < 3; ++axis) {
      near = near && x[axis] >= copy.reach[0][axis] && x[axis] <= copy.reach[1][axis];
      y[axis] -= copy.shift[axis];
    }
    if (near) least = std::min(least, bodies_[copy.body]->distance(y));
  }
  // Surfaces along the grid's lines must not be on this side here and on that one there.
  if (std::abs(least) < 1e-9 * largest_spacing(*grid_)) least = 0;
  return least;
}

// No neighbour of the cell along an axis is in the fluid: beyond a side there is none.
bool Bodies::is_thick_at(const mesh::Body& body, const mesh::Point& cell,
                         const mesh::Point& shift) const {
  const auto inside = [&](mesh::Point x) {
    for (int axis = 0; axis < 3; ++axis) x[axis] -= shift[axis];
    return body.distance(x) <= 0;
  };
  if (!inside(cell)) return false;
  for (int axis = 0; axis < grid_->dimension(); ++axis)
    for (const int step : {-1, 1}) {
      mesh::Point next = cell;
      next[axis] += step * grid_->spacing(axis);
      const bool there = next[axis] > grid_->lower(axis) && next[axis] < grid_->upper(axis);
      if ((there || grid_->periodic(axis)) && !inside(next)) return false;
    }
  return true;
}

// The deepest cell centre, or one spacing where one is deep enough.
double Bodies::depth_of(const Copy& copy) const {
  const mesh::Body& body = *bodies_[copy.body];
  const auto bounds = body.bounds();
  const mesh::Range3 r = grid_->interior();
  const double h = largest_spacing(*grid_);
  bool cut = false;
  for (int side = 0; side < 2 * grid_->dimension(); ++side)
    cut = cut || comes_near(bounds, *grid_, side, 0.5 * h);
  double depth = -far;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::array<int, 3> at{i, j, k};
        mesh::Point x{}, y{};
        bool near = true;
        for (int axis = 0; axis < 3; ++axis) {
          x[axis] = grid_->coordinate(mesh::Location::cell, axis, at[axis]);
          y[axis] = x[axis] - copy.shift[axis];
          near = near && (axis >= grid_->dimension() ||
                          (y[axis] >= bounds[0][axis] && y[axis] <= bounds[1][axis]));
        }
        if (!near) continue;
        depth = std::max(depth, -body.distance(y));
        if (depth < h && cut && is_thick_at(body, x, copy.shift)) depth = h;
        if (depth >= h) return depth;
      }
  return depth;
}

void Bodies::require_resolved(std::size_t n, const std::string& what) const {
  const auto bounds = bodies_[n]->bounds();
  const double h = largest_spacing(*grid_);
  double depth = -far;
  for (const Copy& copy : copies_)
    if (copy.body == n) depth = std::max(depth, depth_of(copy));
  depth = grid_->comm().max(depth);
  if (depth >= h) return;
  const auto range = [&](int axis) {
    return core::format("{} from {:.6g} to {:.6g} m", "xyz"[axis], bounds[0][axis],
                        bounds[1][axis]);
  };
  for (int axis = 0; axis < grid_->dimension(); ++axis)
    if (!grid_->periodic(axis) &&
        (bounds[1][axis] <= grid_->lower(axis) || bounds[0][axis] >= grid_->upper(axis)))
      throw core::UserError(core::format(
          "{}: lies outside the grid's box: it reaches along {}, the box from {:.6g} to {:.6g} m",
          what, range(axis), grid_->lower(axis), grid_->upper(axis)));
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
          for (const auto& face : {lower, upper})
            buried = buried && (faces[axis].is_forced(face) || faces[axis].is_prescribed(face));
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
        if (d(at) > 0 || !d.is_beside(at, false)) continue;
        const auto [outward, depth] = way_out(d, at);
        const NormalLine line(d, grid, at, outward);
        add_scalar_point(line, depth / h, fixed, (k * grid.extent(1) + j) * grid.extent(0) + i,
                         points);
      }
  return points;
}

InterpolatedPoints Bodies::find_scalar_bounds() const {
  InterpolatedPoints points;
  if (empty()) return points;
  const mesh::BoxGrid& grid = *grid_;
  const Distances d(*this, grid, mesh::Location::cell);
  const mesh::Range3 r = grid.interior();
  const std::array<int, 3> stride{1, grid.extent(0), grid.extent(0) * grid.extent(1)};
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::array<int, 3> at{i, j, k};
        if (!d.is_interface(at)) continue;
        const int index = k * stride[2] + j * stride[1] + i;
        std::array<int, 16> stencil;
        std::array<double, 16> weight{};
        stencil.fill(index);
        for (int axis = 0; axis < grid.dimension(); ++axis)
          for (const int step : {-1, 1}) {
            std::array<int, 3> next = at;
            next[axis] += step;
            const int cell = next[axis] - grid.ghosts(axis) + grid.offset(axis);
            const bool across =
                !grid.periodic(axis) && (cell < 0 || cell >= grid.global_cells(axis));
            const int m = 2 * axis + (step > 0 ? 1 : 0);
            stencil[m] = index + step * stride[axis];
            weight[m] = across ? 0.5 : d(next) > 0 ? 1 : 0;
          }
        points.index.push_back(index);
        points.stencil.push_back(stencil);
        points.weight.push_back(weight);
      }
  return points;
}

// Where the nearest surface does not lead to the fluid, because the body stands with it on a side of the
// box or touches another body, the surface that the fluid beside the cell sees is taken, as a plane.
std::pair<mesh::Point, double> Bodies::way_out(const Distances& d,
                                               const std::array<int, 3>& at) const {
  const mesh::Point x = d.position(at);
  std::pair<mesh::Point, double> way{normal(x), -d(at)};
  const double h = largest_spacing(*grid_);
  mesh::Point beyond = x;
  bool inside = true;
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    beyond[axis] += (way.second + 0.5 * h) * way.first[axis];
    const double surface = x[axis] + way.second * way.first[axis], slack = 1e-6 * h;
    inside = inside && (grid_->periodic(axis) || (surface > grid_->lower(axis) + slack &&
                                                  surface < grid_->upper(axis) - slack));
  }
  if (inside && distance(beyond) > 0) return way;
  double nearest = far;
  for (int axis = 0; axis < grid_->dimension(); ++axis)
    for (const int step : {-1, 1}) {
      std::array<int, 3> next = at;
      next[axis] += step;
      if (d(next) <= 0 || d(next) >= nearest) continue;
      nearest = d(next);
      const mesh::Point y = d.position(next);
      way.first = normal(y);
      double height = nearest;
      for (int b = 0; b < grid_->dimension(); ++b) height += way.first[b] * (x[b] - y[b]);
      way.second = std::max(0.0, -height);
    }
  return way;
}

double Bodies::fluid_share(const Distances& d, const std::array<int, 3>& at) const {
  const double here = d(at);
  mesh::Point h{};
  double diagonal = 0;
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    h[axis] = grid_->spacing(axis);
    diagonal += h[axis] * h[axis];
  }
  // Where bodies touch the distance is small inside them, too.
  if (std::abs(here) >= 0.5 * std::sqrt(diagonal) || (here <= 0 && !d.is_beside(at, false)))
    return here > 0 ? 1 : 0;
  return share_beyond_plane(normal(d.position(at)), here, h, grid_->dimension());
}

std::size_t Bodies::nearest(const mesh::Point& x) const {
  std::size_t best = 0;
  double least = far;
  for (const Copy& copy : copies_) {
    mesh::Point y = x;
    for (int axis = 0; axis < 3; ++axis) y[axis] -= copy.shift[axis];
    const double distance = bodies_[copy.body]->distance(y);
    if (distance < least) {
      least = distance;
      best = copy.body;
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
        if (d.is_prescribed(at)) continue;
        const int index = (k * grid.extent(1) + j) * grid.extent(0) + i;
        const double here = d(at) / h;
        const double share = fluid_share(d, at) - (d.is_forced(at) ? 0 : 1);
        if (share != 0) {
          points.partly.index.push_back(index);
          points.partly.share.push_back(share);
        }
        if (here <= 0) points.solid.push_back(index);
        if (!d.is_interface(at)) continue;
        const NormalLine line(d, grid, at, normal(d.position(at)));
        if (!add_interface(line, here, index, points.interface)) ++points.blocked;
      }
  return points;
}

}  // namespace understudy::solvers::flow
