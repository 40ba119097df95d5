// The geometry of one multigrid level: a tensor grid (cell widths per axis), split over ranks. A
// coarser level joins cells in pairs, each rank within its own block, along the axes whose cells
// are narrowest; a block of odd length leaves its last cell alone, so that any size can be
// coarsened. Every rank knows the whole of it: it is three short lists.
#pragma once

#include <array>
#include <vector>

#include "mesh/box_grid.hpp"

namespace understudy::mesh::detail {

struct LevelShape {
  int dimension = 2;
  std::array<std::vector<double>, 3> widths;  ///< m, of every global cell along an axis
  std::array<std::vector<int>, 3> starts;  ///< first cell of each block along an axis, and the end
  std::vector<std::array<int, 3>> coords;  ///< block of each rank, per axis
  int rank = 0;                            ///< this rank in `coords`
  std::array<bool, 3> joined{};  ///< axes along which this level joins the finer one's cells

  int global_cells(int axis) const { return static_cast<int>(widths[axis].size()); }
  long long global_count() const;
  Range3 block(int of_rank) const;  ///< global cells
  /// Along some axis with more than one cell nothing is joined.
  bool partly_joined() const;
  bool distributed() const { return coords.size() > 1; }
  int smallest_block() const;  ///< fewest cells of any block along any axis that still has two
};

LevelShape shape_of(const BoxGrid& grid);
/// The next coarser shape; no axis joined when nothing is left to join.
LevelShape coarsened(const LevelShape& fine);
/// The same grid, whole on every rank.
LevelShape gathered(const LevelShape& shape);

}  // namespace understudy::mesh::detail
