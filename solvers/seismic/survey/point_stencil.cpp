#include "solvers/seismic/survey/point_stencil.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace understudy::solvers::seismic {

namespace {

constexpr int half_width = 4;
constexpr double window = 6.31;

double kaiser_sinc(double x) {
  const double part = x / half_width;
  if (std::abs(part) >= 1) return 0;
  const double argument = std::numbers::pi * x;
  const double sinc = std::abs(x) < 1e-12 ? 1 : std::sin(argument) / argument;
  return sinc * std::cyl_bessel_i(0.0, window * std::sqrt(1 - part * part)) /
         std::cyl_bessel_i(0.0, window);
}

// Lagrange's polynomials through the rows up to `last` that are nearest to `place`.
std::map<int, double> polynomial_weights(double place, int last) {
  const int count = place > last ? 4 : 6;
  const int first = std::min(static_cast<int>(std::floor(place)) - count / 2 + 1, last - count + 1);
  std::map<int, double> weights;
  for (int m = first; m < first + count; ++m) {
    double weight = 1;
    for (int n = first; n < first + count; ++n)
      if (n != m) weight *= (place - n) / (m - n);
    if (std::abs(weight) > 1e-12) weights[m] = weight;
  }
  return weights;
}

// Weights of one axis by global index of the padded grid.
std::map<int, double> axis_weights(double place, bool on_axis, int mirror, int parity) {
  std::map<int, double> weights;
  if (!on_axis) return {{0, 1.0}};
  const int nearest = static_cast<int>(std::floor(place));
  if (parity == 0 && mirror > 0 && 2 * (nearest + half_width) > mirror)
    return polynomial_weights(place, mirror / 2);
  for (int m = nearest - half_width + 1; m <= nearest + half_width; ++m) {
    const double weight = kaiser_sinc(place - m);
    if (std::abs(weight) < 1e-9) continue;
    if (mirror > 0 && 2 * m > mirror)
      weights[mirror - m] += parity * weight;
    else
      weights[m] += weight;
  }
  return weights;
}

using Entries = std::vector<std::pair<std::ptrdiff_t, double>>;  // linear index or point, weight

SparseRows make_rows(const std::vector<Entries>& rows) {
  SparseRows sparse;
  sparse.rows = static_cast<int>(rows.size());
  std::size_t entries = 0;
  for (const auto& row : rows) entries += row.size();
  sparse.first = {"sparse first", rows.size() + 1};
  sparse.at = {"sparse at", entries};
  sparse.weight = {"sparse weight", entries};
  auto first = Kokkos::create_mirror_view(sparse.first);
  auto at = Kokkos::create_mirror_view(sparse.at);
  auto weight = Kokkos::create_mirror_view(sparse.weight);
  int n = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    first(r) = n;
    for (const auto& [index, w] : rows[r]) {
      at(n) = index;
      weight(n++) = w;
    }
  }
  first(rows.size()) = n;
  Kokkos::deep_copy(sparse.first, first);
  Kokkos::deep_copy(sparse.at, at);
  Kokkos::deep_copy(sparse.weight, weight);
  return sparse;
}

// The cells of this rank that a point touches.
Entries touched_cells(const Position& point, const WaveGrid& grid, mesh::Location location,
                      Parity parity) {
  const mesh::BoxGrid& padded = *grid.padded;
  const int vertical = grid.vertical();
  std::array<std::map<int, double>, 3> axes;
  for (int axis = 0; axis < 3; ++axis) {
    const double metres = axis == vertical ? grid.box.upper_m[axis] - point[2] : point[axis];
    const bool face = mesh::staggered(location, axis);
    const double place = (metres - padded.lower(axis)) / padded.spacing(axis) - (face ? 0 : 0.5);
    // Mirrored about the surface, index m becomes mirror - m.
    const int cells = padded.global_cells(axis);
    const int mirror = axis == vertical && grid.free_surface() ? 2 * cells - (face ? 0 : 1) : 0;
    axes[axis] = axis_weights(place, axis < grid.dimension(), mirror, static_cast<int>(parity));
  }
  Entries entries;
  const mesh::Range3 range = padded.points(location);
  for (const auto& [k, wk] : axes[2])
    for (const auto& [j, wj] : axes[1])
      for (const auto& [i, wi] : axes[0]) {
        const std::array<int, 3> global{i, j, k};
        std::array<int, 3> local;
        bool mine = true;
        for (int axis = 0; axis < 3; ++axis) {
          local[axis] = global[axis] - padded.offset(axis) + padded.ghosts(axis);
          mine = mine && local[axis] >= range.begin[axis] && local[axis] < range.end[axis];
        }
        const double weight = wi * wj * wk;
        if (!mine || std::abs(weight) < 1e-12) continue;
        entries.push_back(
            {(std::ptrdiff_t(local[2]) * padded.extent(1) + local[1]) * padded.extent(0) + local[0],
             weight});
      }
  return entries;
}

PointStencils make_set(const std::vector<Entries>& by_point) {
  std::map<std::ptrdiff_t, Entries> by_cell;
  for (std::size_t p = 0; p < by_point.size(); ++p)
    for (const auto& [index, weight] : by_point[p])
      by_cell[index].push_back({static_cast<std::ptrdiff_t>(p), weight});
  PointStencils set;
  set.points = static_cast<int>(by_point.size());
  set.by_point = make_rows(by_point);
  std::vector<Entries> rows;
  set.cell = {"touched cells", by_cell.size()};
  auto cell = Kokkos::create_mirror_view(set.cell);
  for (const auto& [index, row] : by_cell) {
    cell(rows.size()) = index;
    rows.push_back(row);
  }
  set.by_cell = make_rows(rows);
  Kokkos::deep_copy(set.cell, cell);
  return set;
}

}  // namespace

PointStencils make_point_stencils(const std::vector<Position>& points, const WaveGrid& grid,
                                  mesh::Location location, Parity parity) {
  std::vector<Entries> by_point;
  for (const Position& point : points)
    by_point.push_back(touched_cells(point, grid, location, parity));
  return make_set(by_point);
}

PointStencils make_joint_stencil(const std::vector<PartSource>& parts, const WaveGrid& grid,
                                 mesh::Location location, Parity parity) {
  Entries all;
  for (const PartSource& part : parts)
    for (const auto& [index, weight] : touched_cells(part.at, grid, location, parity))
      all.push_back({index, part.factor * weight});
  return make_set({all});
}

}  // namespace understudy::solvers::seismic
