// Slices gathered from the ranks' blocks.
#include <cstring>
#include <limits>
#include <span>

#include "core/error.hpp"
#include "core/format.hpp"
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

template Slice gather_slice(const Grid&, const Array3<float>&, int, int);
template Slice gather_slice(const Grid&, const Array3<double>&, int, int);

}  // namespace understudy::mesh
