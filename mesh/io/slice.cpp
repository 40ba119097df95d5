// Slices gathered from the ranks' blocks, and maps of a sphere.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/cubed_sphere_halo.hpp"
#include "mesh/io/picture.hpp"

namespace understudy::mesh {

namespace {

void require_plane(const Grid& grid, int axis, int index) {
  const bool known = axis >= 0 && axis < 3 && (grid.dimension() == 3 || axis == 2);
  if (known && index >= 0 && index < grid.global_cells(axis)) return;
  throw core::UserError(
      known ? core::format("no plane {} normal to {}: the grid has {} cells along it (0 to {})",
                           index, "xyz"[axis], grid.global_cells(axis), grid.global_cells(axis) - 1)
            : core::format("no slices normal to axis {} on a {}-D grid", axis, grid.dimension()));
}

/// The values of `part` alone on the host, counted from its begin.
template <class Real>
auto plane_on_host(const Array3<Real>& values, const Range3& part) {
  const auto range = [&](int axis) { return std::pair(part.begin[axis], part.end[axis]); };
  const Array3<Real> copy(Kokkos::view_alloc("part", Kokkos::WithoutInitializing), part.size(2),
                          part.size(1), part.size(0));
  Kokkos::deep_copy(copy, Kokkos::subview(values, range(2), range(1), range(0)));
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), copy);
}

}  // namespace

template <class Real>
Slice gather_slice(const Grid& grid, const Array3<Real>& cell_values, int axis, int index) {
  require_plane(grid, axis, index);
  const auto [across, up] = plane_axes(axis);
  // What this rank's block holds of the plane, row by row.
  std::vector<double> mine;
  const Range3 block = grid.block(grid.comm().rank());
  if (index >= block.begin[axis] && index < block.end[axis]) {
    Range3 plane = grid.interior();
    plane.begin[axis] += index - block.begin[axis];
    plane.end[axis] = plane.begin[axis] + 1;
    const auto host = plane_on_host(cell_values, plane);
    for (int k = 0; k < plane.size(2); ++k)
      for (int j = 0; j < plane.size(1); ++j)
        for (int i = 0; i < plane.size(0); ++i) mine.push_back(static_cast<double>(host(k, j, i)));
  }
  const auto parts = grid.comm().gather(std::as_bytes(std::span<const double>(mine)));
  Slice slice;
  slice.normal = axis;
  slice.of_volume = grid.dimension() == 3;
  if (!grid.comm().is_root()) return slice;
  slice.width = grid.global_cells(across);
  slice.height = grid.global_cells(up);
  slice.values.assign(static_cast<std::size_t>(slice.width) * slice.height,
                      std::numeric_limits<double>::quiet_NaN());
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    if (parts[rank].empty()) continue;
    const Range3 from = grid.block(static_cast<int>(rank));
    const std::size_t row = from.size(across) * sizeof(double);
    for (int j = 0; j < from.size(up); ++j)
      std::memcpy(&slice.values[static_cast<std::size_t>(from.begin[up] + j) * slice.width +
                                from.begin[across]],
                  parts[rank].data() + j * row, row);
  }
  return slice;
}

namespace {

constexpr double pi = std::numbers::pi;

using Terms = std::vector<std::vector<GhostTerm>>;

/// What a direction's value is made of: bilinear between the centres of a panel, beside its edges as ghosts are.
std::vector<GhostTerm> terms_at(int n, const Vector3& direction) {
  const PanelPoint at = locate_panel(direction);
  const double step = pi / 2 / n;
  const double u = (at.alpha + pi / 4) / step - 0.5, v = (at.beta + pi / 4) / step - 0.5;
  if (u < 0 || v < 0 || u > n - 1 || v > n - 1) {
    constexpr int degree = 3;
    return ghost_terms(n, degree, at.panel, at.alpha, at.beta);
  }
  const int i = std::min(int(u), n - 2), j = std::min(int(v), n - 2);
  const long long first = (1LL * at.panel * n + j) * n + i;
  const double x = u - i, y = v - j;
  return {{first, (1 - x) * (1 - y)},
          {first + 1, x * (1 - y)},
          {first + n, (1 - x) * y},
          {first + n + 1, x * y}};
}

/// Of every pixel of the map of panels of n x n cells. Pictures of a run ask for the same again and again.
const Terms& map_terms(int n, int width) {
  static Terms terms;
  static int made_for = 0;
  if (made_for == n) return terms;
  terms.clear();
  for (int y = 0; y < width / 2; ++y)
    for (int x = 0; x < width; ++x)
      terms.push_back(terms_at(
          n, direction_of({(x + 0.5) * 2 * pi / width - pi, (y + 0.5) * 2 * pi / width - pi / 2})));
  made_for = n;
  return terms;
}

template <class Real>
Slice gather_map(const CubedSphereGrid& grid, const Array3<Real>& cell_values) {
  const int n = grid.cells_per_edge();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), cell_values);
  const Range3 local = grid.interior();
  std::vector<double> mine;
  for (int k = local.begin[2]; k < local.end[2]; ++k)
    for (int j = local.begin[1]; j < local.end[1]; ++j)
      for (int i = local.begin[0]; i < local.end[0]; ++i) mine.push_back(double(host(k, j, i)));
  const auto parts = grid.comm().gather(std::as_bytes(std::span<const double>(mine)));
  Slice map;
  if (!grid.comm().is_root()) return map;
  std::vector<double> cells(std::size_t(6) * n * n);
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    const Range3 block = grid.block(int(rank));
    const std::size_t row = block.size(0) * sizeof(double);
    const std::byte* from = parts[rank].data();
    for (int k = 0; k < 6; ++k)
      for (int j = block.begin[1]; j < block.end[1]; ++j, from += row)
        std::memcpy(&cells[(std::size_t(k) * n + j) * n + block.begin[0]], from, row);
  }
  constexpr int least_width = 480;
  map.width = 4 * n * std::max(1, (least_width + 4 * n - 1) / (4 * n));
  map.height = map.width / 2;
  map.is_map = true;
  for (const auto& terms : map_terms(n, map.width)) {
    double value = 0;
    for (const GhostTerm& term : terms) value += term.weight * cells[std::size_t(term.cell)];
    map.values.push_back(value);
  }
  return map;
}

}  // namespace

std::vector<int> picture_normals(const Grid& grid) {
  const bool sphere = dynamic_cast<const CubedSphereGrid*>(&grid) != nullptr;
  return grid.dimension() == 3 && !sphere ? std::vector<int>{2, 1, 0} : std::vector<int>{2};
}

template <class Real>
Slice gather_picture(const Grid& grid, const Array3<Real>& cell_values, int normal) {
  if (const auto* sphere = dynamic_cast<const CubedSphereGrid*>(&grid))
    return gather_map(*sphere, cell_values);
  return gather_slice(grid, cell_values, normal, grid.global_cells(normal) / 2);
}

template Slice gather_picture(const Grid&, const Array3<float>&, int);
template Slice gather_picture(const Grid&, const Array3<double>&, int);
template Slice gather_slice(const Grid&, const Array3<float>&, int, int);
template Slice gather_slice(const Grid&, const Array3<double>&, int, int);

}  // namespace understudy::mesh
