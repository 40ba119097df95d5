#include "solvers/flow/surface_loads.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "core/log.hpp"
#include "solvers/flow/formula_checks.hpp"
#include "solvers/flow/samplers.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr const char* components[3] = {"u", "v", "w"};

mesh::Point inside(mesh::Point x, const mesh::BoxGrid& grid) {
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    if (!grid.periodic(axis)) continue;
    const double length = grid.upper(axis) - grid.lower(axis);
    x[axis] -= length * std::floor((x[axis] - grid.lower(axis)) / length);
  }
  return x;
}

// Places at `first` and one spacing further out along every piece's normal, one after the other. Where
// there is no place to read, the piece's centre stands for it.
std::vector<mesh::Point> places(const std::vector<SurfacePiece>& pieces, const mesh::BoxGrid& grid,
                                double SurfacePiece::* first, double h) {
  std::vector<mesh::Point> points;
  for (const SurfacePiece& piece : pieces)
    for (const double more : {0.0, h}) {
      mesh::Point x = piece.centre;
      if (piece.*first > 0)
        for (int axis = 0; axis < grid.dimension(); ++axis)
          x[axis] += (piece.*first + more) * piece.normal[axis];
      points.push_back(inside(x, grid));
    }
  return points;
}

// Of the profile a y + b y^2 through `near` at y1 and `far` at y2.
struct Parabola {
  double slope;  ///< a
  Parabola(double near, double far, double y1, double y2) {
    slope = (near * y2 * y2 - far * y1 * y1) / (y1 * y2 * (y2 - y1));
  }
};

// d2/dy2 at the wall of b y^2 + c y^3.
double curvature_without_slope(double near, double far, double y1, double y2) {
  const double b1 = near / (y1 * y1), b2 = far / (y2 * y2);
  return 2 * (b1 * y2 - b2 * y1) / (y2 - y1);
}

double dot(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// At the wall, of the line through `near` at y1 and `far` at y2; `near` where there is no other place.
double at_wall(const SurfacePiece& piece, double near, double far, double y1, double y2) {
  return piece.second_pressure ? near - (far - near) * y1 / (y2 - y1) : near;
}

// g + f at a piece; f that is not finite is a fault.
std::array<double, 3> push_at(const SurfaceMedium& medium, const mesh::Point& x, double time_s,
                              std::string& fault) {
  std::array<double, 3> push = medium.acceleration_m_s2;
  for (int axis = 0; axis < static_cast<int>(medium.force_m_s2.size()); ++axis) {
    const core::Expression& formula = medium.force_m_s2[static_cast<std::size_t>(axis)];
    const double force = formula(x[0], x[1], x[2], time_s);
    if (!std::isfinite(force) && fault.empty())
      fault = formula_fault({"flow.force_m_s2", axis}, formula, force, x, time_s);
    push[axis] += force;
  }
  return push;
}

// The pieces that begin where one ends, by the x of their first corner.
using Beginnings = std::multimap<double, std::size_t>;

std::size_t following(const std::vector<SurfacePiece>& pieces, const Beginnings& beginnings,
                      const mesh::Point& end, double tolerance) {
  for (auto at = beginnings.lower_bound(end[0] - tolerance);
       at != beginnings.end() && at->first <= end[0] + tolerance; ++at)
    if (std::abs(pieces[at->second].corner[0][1] - end[1]) <= tolerance) return at->second;
  return pieces.size();
}

// In 2-D: the pieces in the order of the surfaces, body after body, anticlockwise about each from its lowest x on (of
// a body on a side of the box: from where its surface begins), and for each the length (m) of the surface from that
// beginning to its centre.
std::vector<double> sort_along(std::vector<SurfacePiece>& pieces) {
  double longest = 0;
  Beginnings beginnings;
  for (std::size_t n = 0; n < pieces.size(); ++n) {
    beginnings.emplace(pieces[n].corner[0][0], n);
    longest = std::max(longest, pieces[n].area);
  }
  const double tolerance = 1e-6 * longest;
  const std::size_t none = pieces.size();
  std::vector<std::size_t> next(none);
  std::vector<bool> follows(none, false), done(none, false);
  for (std::size_t n = 0; n < none; ++n) {
    next[n] = following(pieces, beginnings, pieces[n].corner[1], tolerance);
    if (next[n] != none) follows[next[n]] = true;
  }
  // Where a curve may begin: open ones where they do, closed ones at their lowest x.
  std::vector<std::size_t> starts(none);
  for (std::size_t n = 0; n < none; ++n) starts[n] = n;
  std::ranges::sort(starts, [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t n) {
      return std::tuple(pieces[n].body, bool(follows[n]), pieces[n].centre[0], pieces[n].centre[1]);
    };
    return key(a) < key(b);
  });
  std::vector<SurfacePiece> sorted;
  std::vector<double> along;
  for (const std::size_t start : starts) {
    double length = 0;
    for (std::size_t n = start; n != none && !done[n]; n = next[n]) {
      done[n] = true;
      along.push_back(length + pieces[n].area / 2);
      length += pieces[n].area;
      sorted.push_back(pieces[n]);
    }
  }
  pieces = std::move(sorted);
  return along;
}

}  // namespace

template <class Real>
SurfaceLoads<Real>::SurfaceLoads(const Bodies& bodies, std::shared_ptr<const mesh::BoxGrid> grid)
    : grid_(std::move(grid)),
      h_(largest_spacing_of(*grid_)),
      pieces_(surface_pieces(bodies, *grid_)) {
  if (grid_->dimension() == 2) along_m_ = sort_along(pieces_);
  const auto unread = std::ranges::count_if(pieces_, [](const SurfacePiece& piece) {
    return piece.first_velocity <= 0 || piece.first_pressure <= 0;
  });
  if (unread > 0)
    core::log::info(
        "flow: {} of {} pieces of the bodies' surfaces have no free cells beside them "
        "(narrow gaps, corners) and no load",
        unread, pieces_.size());
}

template <class Real>
std::vector<SurfaceLoad> SurfaceLoads<Real>::at(const mesh::State<Real>& state,
                                                const SurfaceMedium& medium) const {
  const int dimension = grid_->dimension();
  const PointSampler velocity(grid_, places(pieces_, *grid_, &SurfacePiece::first_velocity, h_));
  const PointSampler pressure(grid_, places(pieces_, *grid_, &SurfacePiece::first_pressure, h_));
  std::array<std::vector<double>, 3> u;
  for (int axis = 0; axis < dimension; ++axis) u[axis] = velocity.sample(state[components[axis]]);
  const std::vector<double> p = pressure.sample(state["p"]);
  const auto& buoyancy = medium.buoyancy_m_s2;
  const bool floats = std::ranges::any_of(buoyancy, [](double b) { return b != 0; });
  const std::vector<double> c =
      floats ? pressure.sample(state["scalar"]) : std::vector<double>(p.size(), 0.0);
  const double mu = medium.density_kg_m3 * medium.viscosity_m2_s;
  std::string fault;
  std::vector<SurfaceLoad> loads(pieces_.size());
  for (std::size_t n = 0; n < pieces_.size(); ++n) {
    const SurfacePiece& piece = pieces_[n];
    SurfaceLoad& load = loads[n];
    double slope = 0;  // of the pressure at the wall
    if (piece.first_pressure > 0)
      slope = medium.density_kg_m3 *
              dot(push_at(medium, piece.centre, state.time_s, fault), piece.normal);
    if (piece.first_velocity > 0) {
      const double y1 = piece.first_velocity, y2 = y1 + h_;
      std::array<double, 3> near{}, far{};
      for (int axis = 0; axis < dimension; ++axis) {
        near[axis] = u[axis][2 * n];
        far[axis] = u[axis][2 * n + 1];
        load.friction[axis] =
            mu * (piece.second_velocity ? Parabola(near[axis], far[axis], y1, y2).slope
                                        : near[axis] / y1);
      }
      const double along_normal = dot(load.friction, piece.normal);
      for (int axis = 0; axis < dimension; ++axis)
        load.friction[axis] -= along_normal * piece.normal[axis];
      if (piece.second_velocity)
        slope +=
            mu * curvature_without_slope(dot(near, piece.normal), dot(far, piece.normal), y1, y2);
    }
    if (piece.first_pressure > 0) {
      const double y1 = piece.first_pressure, y2 = y1 + h_;
      if (floats)
        slope += medium.density_kg_m3 * dot(buoyancy, piece.normal) *
                 (at_wall(piece, c[2 * n], c[2 * n + 1], y1, y2) - medium.buoyancy_from);
      const double near = p[2 * n] - slope * y1, far = p[2 * n + 1] - slope * y2;
      load.pressure =
          piece.second_pressure ? (near * y2 * y2 - far * y1 * y1) / (y2 * y2 - y1 * y1) : near;
    }
  }
  throw_fault(grid_->comm(), fault, state.time_s);
  return loads;
}

template <class Real>
SurfaceForces SurfaceLoads<Real>::forces(const std::vector<SurfaceLoad>& loads, int body,
                                         const mesh::Point& moment_point) const {
  SurfaceForces sum;
  for (std::size_t n = 0; n < pieces_.size(); ++n) {
    const SurfacePiece& piece = pieces_[n];
    if (body >= 0 && piece.body != body) continue;
    std::array<double, 3> force{}, arm{};
    for (int a = 0; a < 3; ++a) {
      const double push = -loads[n].pressure * piece.normal[a] * piece.area;
      const double rub = loads[n].friction[a] * piece.area;
      sum.pressure[a] += push;
      sum.friction[a] += rub;
      force[a] = push + rub;
      arm[a] = piece.centre[a] - moment_point[a];
    }
    for (int a = 0; a < 3; ++a) {
      const int b = (a + 1) % 3, c = (a + 2) % 3;
      sum.moment[a] += arm[b] * force[c] - arm[c] * force[b];
    }
    sum.largest_friction =
        std::max(sum.largest_friction, std::sqrt(dot(loads[n].friction, loads[n].friction)));
  }
  return sum;
}

template class SurfaceLoads<float>;
template class SurfaceLoads<double>;

}  // namespace understudy::solvers::flow
