#include "solvers/flow/body_surface.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <span>

#include "mesh/geometry/geometry.hpp"

namespace understudy::solvers::flow {

namespace {

using mesh::Point;
using Place = std::array<int, 3>;  // index of a point of the grid, this rank's

Point minus(const Point& a, const Point& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
double dot(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Point cross(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

struct Vertex {
  Point x;
  double distance;
};

// Where the surface crosses the line from a point in the body to one in the fluid: the line's linear
// interpolation, mended by the distance at the place that it gives. Neighbours find the same point.
Point crossing(const Bodies& bodies, const Vertex& in, const Vertex& out) {
  double low = 0, high = 1, d_low = in.distance, d_high = out.distance;
  Point x = in.x;
  for (int round = 0; round < 3 && d_high > d_low; ++round) {
    const double at = low + (high - low) * (-d_low / (d_high - d_low));
    for (int axis = 0; axis < 3; ++axis) x[axis] = in.x[axis] + at * (out.x[axis] - in.x[axis]);
    const double d = bodies.distance(x);
    if (d <= 0) {
      low = at;
      d_low = d;
    } else {
      high = at;
      d_high = d;
    }
  }
  return x;
}

// Signed distances at the points of the grid near the bodies, each found once.
class Near {
 public:
  Near(const Bodies& bodies, const mesh::BoxGrid& grid) : bodies_(bodies), grid_(grid) {}
  double operator()(mesh::Location location, const Place& at) {
    auto& known = known_[static_cast<int>(location)];
    const auto found = known.find(at);
    if (found != known.end()) return found->second;
    Point x{};
    for (int axis = 0; axis < 3; ++axis) x[axis] = grid_.coordinate(location, axis, at[axis]);
    return known[at] = bodies_.distance(x);
  }
  // Is a face's velocity imposed: in a body, beside one, or the boundary condition's?
  bool is_imposed(int component, const Place& face) {
    const auto location = static_cast<mesh::Location>(component + 1);
    const int place = face[component] - grid_.ghosts(component) + grid_.offset(component);
    if (!grid_.periodic(component) && (place <= 0 || place >= grid_.global_cells(component)))
      return true;
    if ((*this)(location, face) <= 0) return true;
    for (int axis = 0; axis < grid_.dimension(); ++axis)
      for (const int step : {-1, 1}) {
        Place next = face;
        next[axis] += step;
        if ((*this)(location, next) <= 0) return true;
      }
    return false;
  }
  // A buried cell's pressure means nothing.
  bool is_buried(const Place& cell) {
    for (int axis = 0; axis < grid_.dimension(); ++axis) {
      Place upper = cell;
      ++upper[axis];
      if (!is_imposed(axis, cell) || !is_imposed(axis, upper)) return false;
    }
    return true;
  }

 private:
  const Bodies& bodies_;
  const mesh::BoxGrid& grid_;
  std::array<std::map<Place, double>, 4> known_;  // by location
};

// Can a field at `location` be read at x: no point of its linear interpolation lies in a body (of a cell's
// pressure: is buried)?
bool is_readable(Near& near, const mesh::BoxGrid& grid, mesh::Location location, const Point& x) {
  Place base{};
  Point part{};
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    if (!grid.periodic(axis) && (x[axis] < grid.lower(axis) || x[axis] > grid.upper(axis)))
      return false;
    const double at = (x[axis] - grid.coordinate(location, axis, 0)) / grid.spacing(axis);
    base[axis] = static_cast<int>(std::floor(at));
    part[axis] = at - base[axis];
  }
  for (int corner = 0; corner < 1 << grid.dimension(); ++corner) {
    double weight = 1;
    Place at = base;
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const bool upper = corner >> axis & 1;
      weight *= upper ? part[axis] : 1 - part[axis];
      at[axis] += upper ? 1 : 0;
    }
    if (weight < 1e-9) continue;
    if (location == mesh::Location::cell ? near.is_buried(at) : near(location, at) <= 0)
      return false;
  }
  return true;
}

// Along the normal, in spacings.
constexpr double first_try = 0.25, last_try = 4, between_tries = 0.125;

void find_first_places(Near& near, const mesh::BoxGrid& grid, SurfacePiece& piece) {
  const double h = largest_spacing_of(grid);
  const auto out = [&](double distance) {
    Point x{};
    for (int axis = 0; axis < 3; ++axis)
      x[axis] = piece.centre[axis] + distance * piece.normal[axis];
    return x;
  };
  const auto velocity_at = [&](double distance) {
    bool readable = true;
    for (int axis = 0; axis < grid.dimension() && readable; ++axis)
      readable = is_readable(near, grid, static_cast<mesh::Location>(axis + 1), out(distance));
    return readable;
  };
  const auto pressure_at = [&](double distance) {
    return is_readable(near, grid, mesh::Location::cell, out(distance));
  };
  for (double shift = first_try; shift <= last_try; shift += between_tries) {
    if (piece.first_velocity <= 0 && velocity_at(shift * h)) piece.first_velocity = shift * h;
    if (piece.first_pressure <= 0 && pressure_at(shift * h)) piece.first_pressure = shift * h;
  }
  piece.second_velocity = piece.first_velocity > 0 && velocity_at(piece.first_velocity + h);
  piece.second_pressure = piece.first_pressure > 0 && pressure_at(piece.first_pressure + h);
}

// Adds the piece between the corners, if it is one; `outwards` points into the fluid.
void add_piece(std::vector<SurfacePiece>& pieces, int dimension, const std::array<Point, 3>& corner,
               const Point& outwards) {
  SurfacePiece piece{.corner = corner};
  const Point along = minus(corner[1], corner[0]);
  Point normal =
      dimension == 2 ? Point{along[1], -along[0], 0} : cross(along, minus(corner[2], corner[0]));
  const double length = std::sqrt(dot(normal, normal));
  if (!(length > 0)) return;
  const bool turn = dot(normal, outwards) < 0;
  if (turn) std::swap(piece.corner[0], piece.corner[1]);
  for (int axis = 0; axis < 3; ++axis) {
    piece.normal[axis] = (turn ? -1 : 1) * normal[axis] / length;
    for (int n = 0; n < dimension; ++n) piece.centre[axis] += corner[n][axis] / dimension;
  }
  piece.area = dimension == 2 ? length : length / 2;
  pieces.push_back(piece);
}

void march(const Bodies& bodies, int dimension, std::span<const Vertex> simplex,
           std::vector<SurfacePiece>& pieces) {
  std::vector<const Vertex*> in, out;
  for (const Vertex& v : simplex) (v.distance <= 0 ? in : out).push_back(&v);
  if (in.empty() || out.empty()) return;
  Point outwards{};
  for (int axis = 0; axis < 3; ++axis) {
    for (const Vertex* v : out) outwards[axis] += v->x[axis] / double(out.size());
    for (const Vertex* v : in) outwards[axis] -= v->x[axis] / double(in.size());
  }
  const auto at = [&](std::size_t m, std::size_t n) { return crossing(bodies, *in[m], *out[n]); };
  if (dimension == 2) {
    const std::array<Point, 2> ends =
        in.size() == 1 ? std::array{at(0, 0), at(0, 1)} : std::array{at(0, 0), at(1, 0)};
    add_piece(pieces, 2, {ends[0], ends[1], {}}, outwards);
  } else if (in.size() == 1) {
    add_piece(pieces, 3, {at(0, 0), at(0, 1), at(0, 2)}, outwards);
  } else if (out.size() == 1) {
    add_piece(pieces, 3, {at(0, 0), at(1, 0), at(2, 0)}, outwards);
  } else {
    const std::array<Point, 4> quad{at(0, 0), at(0, 1), at(1, 1), at(1, 0)};
    add_piece(pieces, 3, {quad[0], quad[1], quad[2]}, outwards);
    add_piece(pieces, 3, {quad[0], quad[2], quad[3]}, outwards);
  }
}

// A corner of this rank's cells.
Vertex vertex_at(const std::vector<double>& distances, const std::array<int, 3>& points,
                 const mesh::BoxGrid& grid, Place at) {
  Vertex v{};
  std::size_t index = 0;
  for (int axis = 2; axis >= 0; --axis) index = index * std::size_t(points[axis]) + at[axis];
  for (int axis = 0; axis < grid.dimension(); ++axis)
    v.x[axis] =
        grid.coordinate(static_cast<mesh::Location>(axis + 1), axis, at[axis] + grid.ghosts(axis));
  v.distance = distances[index];
  return v;
}

// Does the surface cross the cell?
bool is_cut(const std::vector<double>& distances, const std::array<int, 3>& points, int dimension,
            const Place& cell) {
  bool in = false, out = false;
  for (int corner = 0; corner < 1 << dimension; ++corner) {
    std::size_t index = 0;
    for (int axis = 2; axis >= 0; --axis)
      index = index * std::size_t(points[axis]) + std::size_t(cell[axis] + (corner >> axis & 1));
    (distances[index] <= 0 ? in : out) = true;
  }
  return in && out;
}

// This rank's.
std::vector<SurfacePiece> local_pieces(const Bodies& bodies, const mesh::BoxGrid& grid) {
  const int dimension = grid.dimension();
  std::array<int, 3> points{1, 1, 1};
  for (int axis = 0; axis < dimension; ++axis) points[axis] = grid.local_cells(axis) + 1;
  std::vector<double> distances;
  for (int k = 0; k < points[2]; ++k)
    for (int j = 0; j < points[1]; ++j)
      for (int i = 0; i < points[0]; ++i) {
        const Place at{i, j, k};
        Point x{};
        for (int axis = 0; axis < dimension; ++axis)
          x[axis] = grid.coordinate(static_cast<mesh::Location>(axis + 1), axis,
                                    at[axis] + grid.ghosts(axis));
        distances.push_back(bodies.distance(x));
      }
  std::vector<SurfacePiece> pieces;
  std::array<int, 3> order{0, 1, 2};
  for (int k = 0; k < grid.local_cells(2); ++k)
    for (int j = 0; j < grid.local_cells(1); ++j)
      for (int i = 0; i < grid.local_cells(0); ++i) {
        if (!is_cut(distances, points, dimension, {i, j, k})) continue;
        // One simplex an order in which a way along the axes leads from the lowest corner to the highest.
        std::sort(order.begin(), order.begin() + dimension);
        do {
          Place at{i, j, k};
          std::array<Vertex, 4> simplex{vertex_at(distances, points, grid, at)};
          for (int n = 0; n < dimension; ++n) {
            ++at[order[n]];
            simplex[n + 1] = vertex_at(distances, points, grid, at);
          }
          march(bodies, dimension, {simplex.data(), std::size_t(dimension) + 1}, pieces);
        } while (std::next_permutation(order.begin(), order.begin() + dimension));
      }
  return pieces;
}

}  // namespace

double largest_spacing_of(const mesh::BoxGrid& grid) {
  double h = 0;
  for (int axis = 0; axis < grid.dimension(); ++axis) h = std::max(h, grid.spacing(axis));
  return h;
}

std::vector<SurfacePiece> surface_pieces(const Bodies& bodies, const mesh::BoxGrid& grid) {
  if (bodies.empty()) return {};
  std::vector<SurfacePiece> mine = local_pieces(bodies, grid);
  Near near(bodies, grid);
  for (SurfacePiece& piece : mine) {
    piece.body = bodies.count() > 1 ? static_cast<int>(bodies.nearest(piece.centre)) : 0;
    find_first_places(near, grid, piece);
  }
  std::vector<SurfacePiece> all;
  for (const auto& bytes : grid.comm().all_gather(std::as_bytes(std::span(mine)))) {
    const std::size_t count = bytes.size() / sizeof(SurfacePiece), before = all.size();
    all.resize(before + count);
    if (count > 0) std::memcpy(all.data() + before, bytes.data(), count * sizeof(SurfacePiece));
  }
  return all;
}

}  // namespace understudy::solvers::flow
