#include "solvers/flow/samplers.hpp"

#include <algorithm>
#include <cmath>

namespace understudy::solvers {

namespace {

// The cell of the point along an axis, global, clipped to the box: its owner evaluates the point.
int cell_of(const mesh::BoxGrid& grid, int axis, double x) {
  const double cells = (x - grid.lower(axis)) / grid.spacing(axis);
  return std::clamp(static_cast<int>(std::floor(cells)), 0, grid.global_cells(axis) - 1);
}

struct Corner {
  int index = 0;  ///< linear
  double weight = 0;
};

std::array<Corner, 8> corners(const mesh::BoxGrid& grid, mesh::Location location,
                              const mesh::Point& x) {
  std::array<int, 3> base{};
  std::array<double, 3> f{};
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const double at = (x[axis] - grid.coordinate(location, axis, 0)) / grid.spacing(axis);
    base[axis] = std::clamp(static_cast<int>(std::floor(at)), 0, grid.extent(axis) - 2);
    f[axis] = at - base[axis];
  }
  std::array<Corner, 8> result{};
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<int, 3> p = base;
    for (int axis = 0; axis < 3; ++axis) {
      const bool upper = corner >> axis & 1;
      weight *= upper ? f[axis] : 1 - f[axis];
      if (upper && axis < grid.dimension()) ++p[axis];
    }
    result[corner] = {(p[2] * grid.extent(1) + p[1]) * grid.extent(0) + p[0], weight};
  }
  return result;
}

}  // namespace

std::vector<mesh::Point> points_on_line(const FlowLineParams& line) {
  std::vector<mesh::Point> points(line.points);
  for (int n = 0; n < line.points; ++n)
    for (std::size_t axis = 0; axis < line.from_m.size(); ++axis)
      points[n][axis] = line.from_m[axis] +
                        (line.to_m[axis] - line.from_m[axis]) * n / std::max(1, line.points - 1);
  return points;
}

PointSampler::PointSampler(std::shared_ptr<const mesh::BoxGrid> grid,
                           std::vector<mesh::Point> points)
    : grid_(std::move(grid)), points_(std::move(points)) {}

template <class Real>
std::vector<double> PointSampler::sample(const mesh::Field<Real>& field) const {
  std::vector<int> owned;
  for (std::size_t n = 0; n < points_.size(); ++n) {
    bool mine = true;
    for (int axis = 0; axis < grid_->dimension(); ++axis) {
      const int cell = cell_of(*grid_, axis, points_[n][axis]) - grid_->offset(axis);
      mine = mine && cell >= 0 && cell < grid_->local_cells(axis);
    }
    if (mine) owned.push_back(static_cast<int>(n));
  }
  Kokkos::View<int* [8], Kokkos::LayoutRight, mesh::Memory> index("index", owned.size());
  Kokkos::View<double* [8], Kokkos::LayoutRight, mesh::Memory> weight("weight", owned.size());
  Kokkos::View<double*, mesh::Memory> result("samples", owned.size());
  const auto host_index = Kokkos::create_mirror_view(index);
  const auto host_weight = Kokkos::create_mirror_view(weight);
  for (std::size_t n = 0; n < owned.size(); ++n) {
    const auto stencil = corners(*grid_, field.info.location, points_[owned[n]]);
    for (int m = 0; m < 8; ++m) {
      host_index(n, m) = stencil[m].index;
      host_weight(n, m) = stencil[m].weight;
    }
  }
  Kokkos::deep_copy(index, host_index);
  Kokkos::deep_copy(weight, host_weight);
  const Real* const values = field.component().data();
  Kokkos::parallel_for(
      "sample points", Kokkos::RangePolicy<mesh::Exec>(0, owned.size()),
      KOKKOS_LAMBDA(const int n) {
        double sum = 0;
        for (int m = 0; m < 8; ++m)
          if (weight(n, m) != 0) sum += weight(n, m) * values[index(n, m)];
        result(n) = sum;
      });
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), result);
  std::vector<double> all(points_.size(), 0.0);
  for (std::size_t n = 0; n < owned.size(); ++n) all[owned[n]] = host(n);
  grid_->comm().sum(std::span<double>(all));
  return all;
}

template std::vector<double> PointSampler::sample(const mesh::Field<float>&) const;
template std::vector<double> PointSampler::sample(const mesh::Field<double>&) const;

}  // namespace understudy::solvers
