// Signed distances at the points of one location and interpolation along a surface's normal: what
// body_points.cpp finds its forced points with. Host only, private to solvers/flow.
#pragma once

#include <algorithm>
#include <cmath>

#include "mesh/box_grid.hpp"
#include "solvers/flow/body_points.hpp"

namespace understudy::solvers::flow {

constexpr int pad = 4;  // stencil (2) + its neighbours (1) + rounding (1)

inline double largest_spacing(const mesh::BoxGrid& grid) {
  double h = 0;
  for (int axis = 0; axis < grid.dimension(); ++axis) h = std::max(h, grid.spacing(axis));
  return h;
}

// Signed distances on this rank's block, `pad` points beyond it, at one location.
class Distances {
 public:
  Distances(const Bodies& bodies, const mesh::BoxGrid& grid, mesh::Location location)
      : grid_(grid), location_(location) {
    for (int axis = 0; axis < 3; ++axis) {
      pad_[axis] = axis < grid.dimension() ? pad : 0;
      size_[axis] = grid.extent(axis) + 2 * pad_[axis];
    }
    values_.resize(std::size_t(size_[0]) * size_[1] * size_[2]);
    std::size_t n = 0;
    for (int k = -pad_[2]; k < size_[2] - pad_[2]; ++k)
      for (int j = -pad_[1]; j < size_[1] - pad_[1]; ++j)
        for (int i = -pad_[0]; i < size_[0] - pad_[0]; ++i)
          values_[n++] = bodies.distance(position({i, j, k}));
  }
  mesh::Point position(const std::array<int, 3>& at) const {
    mesh::Point x{};
    for (int axis = 0; axis < 3; ++axis) x[axis] = grid_.coordinate(location_, axis, at[axis]);
    return x;
  }
  double operator()(const std::array<int, 3>& at) const {
    return values_[(std::size_t(at[2] + pad_[2]) * size_[1] + at[1] + pad_[1]) * size_[0] + at[0] +
                   pad_[0]];
  }
  // A face on a side of the box: the boundary condition's.
  bool is_prescribed(const std::array<int, 3>& at) const {
    const int axis = static_cast<int>(location_) - 1;
    if (location_ == mesh::Location::cell || grid_.periodic(axis)) return false;
    const int face = at[axis] - grid_.ghosts(axis) + grid_.offset(axis);
    return face == 0 || face == grid_.global_cells(axis);
  }
  // A neighbour along an axis lies in a body (`solid`) or in the fluid.
  bool is_beside(const std::array<int, 3>& at, bool solid) const {
    for (int axis = 0; axis < grid_.dimension(); ++axis)
      for (const int step : {-1, 1}) {
        std::array<int, 3> next = at;
        next[axis] += step;
        if (((*this)(next) <= 0) == solid) return true;
      }
    return false;
  }
  // In the fluid, with a neighbour along an axis in the body.
  bool is_interface(const std::array<int, 3>& at) const {
    return (*this)(at) > 0 && is_beside(at, true);
  }
  // A cell value is forced in the body only.
  bool is_forced(const std::array<int, 3>& at) const {
    if (is_prescribed(at)) return false;
    return (*this)(at) <= 0 || (location_ != mesh::Location::cell && is_interface(at));
  }
  mesh::Location location() const { return location_; }

 private:
  const mesh::BoxGrid& grid_;
  mesh::Location location_;
  std::array<int, 3> pad_{}, size_{};
  std::vector<double> values_;
};

// Linear interpolation at one place on a surface's normal.
struct Stencil {
  std::array<int, 8> index{};
  std::array<double, 8> weight{};
  bool reachable = true;  // within two cells of the point, which is what the halo holds
  bool free = true;       // no forced point in it
};

inline Stencil interpolate(const Distances& d, const mesh::BoxGrid& grid,
                           const std::array<int, 3>& at, const mesh::Point& shift) {
  Stencil s;
  std::array<int, 3> base = at;
  mesh::Point f{};
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const double floor = std::floor(shift[axis]);
    base[axis] += static_cast<int>(floor);
    f[axis] = shift[axis] - floor;
    if (floor < -2 || floor + (f[axis] > 1e-9 ? 1 : 0) > 2) s.reachable = false;
  }
  if (!s.reachable) return s;
  for (int corner = 0; corner < (grid.dimension() == 2 ? 4 : 8); ++corner) {
    std::array<int, 3> p = base;
    double w = 1;
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const bool upper = corner >> axis & 1;
      w *= upper ? f[axis] : 1 - f[axis];
      p[axis] += upper ? 1 : 0;
    }
    if (w < 1e-9) {  // keep the index inside the array
      p = at;
      w = 0;
    } else if (d.is_forced(p)) {
      s.free = false;
      if (d(p) <= 0) w = 0;
    }
    s.index[corner] = (p[2] * grid.extent(1) + p[1]) * grid.extent(0) + p[0];
    s.weight[corner] = w;
  }
  return s;
}

// The stencil at `shift` spacings (the largest one's) along the normal from a point.
class NormalLine {
 public:
  NormalLine(const Distances& d, const mesh::BoxGrid& grid, const std::array<int, 3>& at,
             const mesh::Point& normal)
      : d_(d), grid_(grid), at_(at), normal_(normal), h_(largest_spacing(grid)) {}
  Stencil operator()(double shift) const {
    mesh::Point cells{};
    for (int axis = 0; axis < grid_.dimension(); ++axis)
      cells[axis] = shift * h_ * normal_[axis] / grid_.spacing(axis);
    return interpolate(d_, grid_, at_, cells);
  }

 private:
  const Distances& d_;
  const mesh::BoxGrid& grid_;
  std::array<int, 3> at_;
  mesh::Point normal_;
  double h_;
};

// Share of a box of lengths `h` on the positive side of the plane that lies `d` from its centre along
// the normal (Scardovelli & Zaleski 2000, by inclusion and exclusion of the box's corners).
inline double share_beyond_plane(const mesh::Point& normal, double d, const mesh::Point& h,
                                 int dimension) {
  std::array<double, 3> m{};
  double whole = 0;
  for (int axis = 0; axis < dimension; ++axis) whole += std::abs(normal[axis]) * h[axis];
  int count = 0;
  double sum = 0, product = 1;
  for (int axis = 0; axis < dimension; ++axis) {
    const double length = std::abs(normal[axis]) * h[axis];
    if (length < 1e-4 * whole) continue;  // as good as parallel to the plane
    m[count++] = length;
    sum += length;
    product *= length * count;  // times the factorial in the end
  }
  const double level = d + 0.5 * sum;
  double share = 0;
  for (int corner = 0; corner < 1 << count; ++corner) {
    double left = level;
    int sign = 1;
    for (int n = 0; n < count; ++n)
      if (corner >> n & 1) {
        left -= m[n];
        sign = -sign;
      }
    if (left > 0) share += sign * std::pow(left, count);
  }
  return std::clamp(share / product, 0.0, 1.0);
}

inline void add(InterpolatedPoints& points, int index, const Stencil& near, double near_factor,
                const Stencil& far_off, double far_factor) {
  std::array<int, 16> stencil;
  std::array<double, 16> weight{};
  stencil.fill(index);
  for (int m = 0; m < 8; ++m) {
    if (near_factor != 0 && near.weight[m] != 0) {
      stencil[m] = near.index[m];
      weight[m] = near_factor * near.weight[m];
    }
    if (far_factor != 0 && far_off.weight[m] != 0) {
      stencil[8 + m] = far_off.index[m];
      weight[8 + m] = far_factor * far_off.weight[m];
    }
  }
  points.index.push_back(index);
  points.stencil.push_back(stencil);
  points.weight.push_back(weight);
}

}  // namespace understudy::solvers::flow
