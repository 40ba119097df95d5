// A grid's indices: how many cells, how they are split over MPI ranks into blocks, and what lies across
// their sides (topology.hpp). Where the cells lie and what they measure is the half of a derived class:
// box_grid.hpp. Whatever asks for indices, ranks and sides alone takes a Grid; whatever asks for spacings and
// corners takes a BoxGrid.
//
// Axis 0 is x, 1 is y, 2 is z; a 2-D grid has one cell in z and no ghosts there. Arrays are Kokkos views
// [k, j, i] (LayoutRight, i fastest) of extents() = local cells + 2 ghosts per side; local index i of an
// interior cell runs from ghosts(0) to ghosts(0) + local_cells(0) - 1. On the staggered (MAC) grid a
// face-x value of index i sits on the lower-x face of cell i, so all locations share one array shape;
// the closing face of the domain (index ghosts + local cells) lies in the ghost layer of the last rank of
// an axis that ends there. On a cubed sphere (cubed_sphere_grid.hpp) k is the panel: six of them, without
// ghosts, and every rank has the same block (i, j) of all.
//
// Virtual functions are for the host: a kernel captures the values it needs.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/params.hpp"
#include "mesh/topology.hpp"

namespace understudy::mesh {

enum class Location { cell, face_x, face_y, face_z };

/// Half-open index ranges per axis; [axis][begin, end).
struct Range3 {
  std::array<int, 3> begin{0, 0, 0}, end{1, 1, 1};
  constexpr int size(int axis) const { return end[axis] - begin[axis]; }
  constexpr long long count() const { return 1LL * size(0) * size(1) * size(2); }
};

/// What the deck says of the grid: a box or, with a radius, a cubed sphere (cubed_sphere_grid.hpp).
struct GridParams {
  std::vector<double> lower_m{0, 0}, upper_m{1, 1};  ///< corners; two entries: 2-D, three: 3-D
  std::vector<long long> cells{64, 64};              ///< cells per axis
  std::vector<long long> ranks;                      ///< ranks per axis; empty: chosen
  double radius_m = 0;                               ///< > 0: a cubed sphere of cells n, n a panel
  int dimension() const { return static_cast<int>(cells.size()); }
  bool is_sphere() const { return radius_m > 0; }
  void describe(core::ParamVisitor& v);  ///< of a box
};

struct CellMeasure;  // cell_measure.hpp

/// The numbers that tell a grid from others of the same cells, by name: "lower_m", "radius_m".
using GridGeometry = std::map<std::string, std::vector<double>>;

class Grid {
 public:
  virtual ~Grid() = default;

  int dimension() const { return dimension_; }
  const core::Comm& comm() const { return comm_; }
  int global_cells(int axis) const { return global_[axis]; }
  int local_cells(int axis) const { return local_[axis]; }
  long long global_cell_count() const { return 1LL * global_[0] * global_[1] * global_[2]; }
  int offset(int axis) const { return offset_[axis]; }  ///< global index of the first interior cell
  int ghosts(int axis) const { return ghosts_[axis]; }  ///< 0 on an axis that is not there
  int extent(int axis) const { return local_[axis] + 2 * ghosts_[axis]; }

  const Topology& topology() const { return topology_; }
  int panels() const { return topology_.panels(); }  ///< 1 in a box
  bool periodic(int axis) const { return topology_.periodic(axis); }
  /// This rank's block touches that side of the domain: nothing lies across it.
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

  /// What the cells weigh in integrals and norms.
  virtual CellMeasure cell_measure() const = 0;
  /// Where the value of local indices [k, j, i] lies: x, y, z (m).
  virtual std::array<double, 3> position(Location location, int k, int j, int i) const = 0;
  virtual GridGeometry geometry() const = 0;

 protected:
  /// Cells and ranks are taken from `params`, corners are not. Collective. UserError when there are more
  /// ranks than the cells allow (each block keeps at least `ghosts` cells per axis).
  Grid(const GridParams& params, Topology topology, const core::Comm& comm, int ghosts);
  Grid(const Grid&) = default;
  Grid& operator=(const Grid&) = default;

 private:
  int dimension_;
  core::Comm comm_;
  Topology topology_;
  std::array<int, 3> global_{1, 1, 1}, local_{1, 1, 1}, offset_{0, 0, 0}, ghosts_{0, 0, 0};
  std::array<int, 3> rank_dims_{1, 1, 1}, rank_coords_{0, 0, 0};
  std::array<int, 6> neighbour_{-1, -1, -1, -1, -1, -1};
  std::array<std::vector<int>, 3> starts_;  ///< first cell of each block per axis, and the end
};

/// Is a value at `location` staggered along `axis`?
inline constexpr bool staggered(Location location, int axis) {
  return static_cast<int>(location) == axis + 1;
}
std::string to_string(Location location);

}  // namespace understudy::mesh
