// A uniform Cartesian box, split over MPI ranks into blocks. Axis 0 is x, 1 is y, 2 is z; a 2-D grid has
// one cell in z and no ghosts there.
//
// Arrays are Kokkos views [k, j, i] (LayoutRight, i fastest) of extents() = local cells + 2 ghosts per
// side; local index i of an interior cell runs from ghosts(0) to ghosts(0) + local_cells(0) - 1. On the
// staggered (MAC) grid a face-x value of index i sits on the lower-x face of cell i, so all locations
// share one array shape; the closing face of the box (index ghosts + local cells) lies in the ghost
// layer of the last rank of a non-periodic axis.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/params.hpp"

namespace understudy::mesh {

enum class Location { cell, face_x, face_y, face_z };

/// Sides of the box, numbered 2 * axis + (0 lower, 1 upper).
enum Side { x_lower, x_upper, y_lower, y_upper, z_lower, z_upper };
inline constexpr int side_axis(int side) { return side / 2; }
inline constexpr bool is_upper(int side) { return side % 2 == 1; }
const char* side_name(int side);

/// Half-open index ranges per axis; [axis][begin, end).
struct Range3 {
  std::array<int, 3> begin{0, 0, 0}, end{1, 1, 1};
  constexpr int size(int axis) const { return end[axis] - begin[axis]; }
  constexpr long long count() const { return 1LL * size(0) * size(1) * size(2); }
};

/// What the deck says of the grid.
struct GridParams {
  std::vector<double> lower_m{0, 0}, upper_m{1, 1};  ///< corners; two entries: 2-D, three: 3-D
  std::vector<long long> cells{64, 64};              ///< cells per axis
  std::vector<long long> ranks;                      ///< ranks per axis; empty: chosen
  int dimension() const { return static_cast<int>(cells.size()); }
  void describe(core::ParamVisitor& v);
};

class Grid {
 public:
  /// Collective. UserError when there are more ranks than the cells allow (each block keeps at least
  /// `ghosts` cells per axis).
  Grid(const GridParams& params, const std::array<bool, 3>& periodic, const core::Comm& comm,
       int ghosts = 2);

  int dimension() const { return dimension_; }
  const core::Comm& comm() const { return comm_; }
  int global_cells(int axis) const { return global_[axis]; }
  int local_cells(int axis) const { return local_[axis]; }
  long long global_cell_count() const { return 1LL * global_[0] * global_[1] * global_[2]; }
  int offset(int axis) const { return offset_[axis]; }  ///< global index of the first interior cell
  int ghosts(int axis) const { return ghosts_[axis]; }  ///< 0 on an axis that is not there
  int extent(int axis) const { return local_[axis] + 2 * ghosts_[axis]; }
  double spacing(int axis) const { return spacing_[axis]; }  ///< m; 1 on an axis that is not there
  double lower(int axis) const { return lower_[axis]; }
  double upper(int axis) const { return upper_[axis]; }
  double cell_volume() const { return spacing_[0] * spacing_[1] * spacing_[2]; }
  bool periodic(int axis) const { return periodic_[axis]; }

  /// This rank's block touches that side of the box, and the axis is not periodic.
  bool at_boundary(int side) const;
  /// The rank across that side of the block (periodic wrap included; may be this rank), -1 if none.
  int neighbour(int side) const { return neighbour_[side]; }
  std::array<int, 3> rank_dims() const { return rank_dims_; }
  std::array<int, 3> rank_coords() const { return rank_coords_; }
  /// Global cells [begin, end) of any rank's block.
  Range3 block(int rank) const;

  /// Local index range of the interior cells.
  Range3 interior() const;
  /// The interior plus the closing face where this rank's block holds it.
  Range3 points(Location location) const;
  /// The whole array, ghosts included.
  Range3 everything() const;
  /// Global number of values of a field at `location` along `axis` (closing face included).
  int global_points(Location location, int axis) const;

  /// Position (m) of local index `index` along `axis` for values at `location`.
  double coordinate(Location location, int axis, int index) const;

 private:
  int dimension_;
  core::Comm comm_;
  std::array<int, 3> global_{1, 1, 1}, local_{1, 1, 1}, offset_{0, 0, 0}, ghosts_{0, 0, 0};
  std::array<int, 3> rank_dims_{1, 1, 1}, rank_coords_{0, 0, 0};
  std::array<double, 3> lower_{0, 0, 0}, upper_{1, 1, 1}, spacing_{1, 1, 1};
  std::array<bool, 3> periodic_{true, true, true};
  std::array<int, 6> neighbour_{-1, -1, -1, -1, -1, -1};
  std::array<std::vector<int>, 3> starts_;  ///< first cell of each block per axis, and the end
};

/// Is a value at `location` staggered along `axis`?
inline constexpr bool staggered(Location location, int axis) {
  return static_cast<int>(location) == axis + 1;
}
std::string to_string(Location location);

}  // namespace understudy::mesh
