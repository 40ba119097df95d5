// Slices gathered from the ranks' blocks, and maps of a sphere.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <span>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/picture.hpp"

namespace understudy::mesh {

namespace {

/// The axes across and up the picture.
std::array<int, 2> axes_of(int normal) { return {normal == 0 ? 1 : 0, normal == 2 ? 1 : 2}; }

void require_plane(const Grid& grid, int axis, int index) {
  const bool known = axis >= 0 && axis < 3 && (grid.dimension() == 3 || axis == 2);
  if (known && index >= 0 && index < grid.global_cells(axis)) return;
  throw core::UserError(
      known ? core::format("no plane {} normal to {}: the grid has {} cells along it (0 to {})",
                           index, "xyz"[axis], grid.global_cells(axis), grid.global_cells(axis) - 1)
            : core::format("no slices normal to axis {} on a {}-D grid", axis, grid.dimension()));
}

}  // namespace

template <class Real>
Slice gather_slice(const Grid& grid, const Array3<Real>& cell_values, int axis, int index) {
  require_plane(grid, axis, index);
  const auto [across, up] = axes_of(axis);
  // What this rank's block holds of the plane, row by row.
  std::vector<double> mine;
  const Range3 block = grid.block(grid.comm().rank());
  if (index >= block.begin[axis] && index < block.end[axis]) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), cell_values);
    Range3 plane = grid.interior();
    plane.begin[axis] += index - block.begin[axis];
    plane.end[axis] = plane.begin[axis] + 1;
    for (int k = plane.begin[2]; k < plane.end[2]; ++k)
      for (int j = plane.begin[1]; j < plane.end[1]; ++j)
        for (int i = plane.begin[0]; i < plane.end[0]; ++i)
          mine.push_back(static_cast<double>(host(k, j, i)));
  }
  const auto parts = grid.comm().gather(std::as_bytes(std::span<const double>(mine)));
  Slice slice;
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

/// Calls f(pixel, panel, j, i) for every pixel of the map whose cell lies in the block, in order of pixels.
template <class F>
void for_pixels(int n, const Range3& block, const F& f) {
  const int width = 4 * n, height = 2 * n;
  const double step = pi / 2 / n;
  const auto index = [&](double angle) {
    return std::clamp(int(std::floor((angle + pi / 4) / step)), 0, n - 1);
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const PanelPoint at = locate_panel(
          direction_of({(x + 0.5) * 2 * pi / width - pi, (y + 0.5) * pi / height - pi / 2}));
      const int i = index(at.alpha), j = index(at.beta);
      if (i < block.begin[0] || i >= block.end[0] || j < block.begin[1] || j >= block.end[1])
        continue;
      f(std::size_t(y) * width + x, at.panel, j, i);
    }
}

template <class Real>
Slice gather_map(const CubedSphereGrid& grid, const Array3<Real>& cell_values) {
  const int n = grid.cells_per_edge();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), cell_values);
  std::vector<double> mine;
  for_pixels(n, grid.block(grid.comm().rank()), [&](std::size_t, int k, int j, int i) {
    mine.push_back(
        double(host(k, j - grid.offset(1) + grid.ghosts(1), i - grid.offset(0) + grid.ghosts(0))));
  });
  const auto parts = grid.comm().gather(std::as_bytes(std::span<const double>(mine)));
  Slice map;
  if (!grid.comm().is_root()) return map;
  map.width = 4 * n;
  map.height = 2 * n;
  map.is_map = true;
  map.values.assign(std::size_t(map.width) * map.height, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    std::vector<double> values(parts[rank].size() / sizeof(double));
    if (!values.empty()) std::memcpy(values.data(), parts[rank].data(), parts[rank].size());
    std::size_t next = 0;
    for_pixels(n, grid.block(int(rank)),
               [&](std::size_t pixel, int, int, int) { map.values[pixel] = values.at(next++); });
  }
  return map;
}

}  // namespace

template <class Real>
Slice gather_picture(const Grid& grid, const Array3<Real>& cell_values) {
  if (const auto* sphere = dynamic_cast<const CubedSphereGrid*>(&grid))
    return gather_map(*sphere, cell_values);
  return gather_slice(grid, cell_values, 2, grid.global_cells(2) / 2);
}

template Slice gather_picture(const Grid&, const Array3<float>&);
template Slice gather_picture(const Grid&, const Array3<double>&);
template Slice gather_slice(const Grid&, const Array3<float>&, int, int);
template Slice gather_slice(const Grid&, const Array3<double>&, int, int);

}  // namespace understudy::mesh
