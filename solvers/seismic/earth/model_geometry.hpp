// The shape that a model has on a deck's grid. Private to the makers of models.
#pragma once

#include <array>

#include "mesh/grid.hpp"

namespace understudy::solvers::seismic {

/// The vertical axis is the last one of the grid and the slowest of the array, whatever the dimension:
/// an array is [rows, plane], row 0 the deepest.
struct ModelGeometry {
  int dimension = 2;
  std::array<int, 3> cells{1, 1, 1};
  std::array<double, 3> lower_m{0, 0, 0}, upper_m{1, 1, 1}, spacing_m{1, 1, 1};

  explicit ModelGeometry(const mesh::GridParams& grid) : dimension(grid.dimension()) {
    for (int axis = 0; axis < dimension; ++axis) {
      cells[axis] = static_cast<int>(grid.cells[axis]);
      lower_m[axis] = grid.lower_m[axis];
      upper_m[axis] = grid.upper_m[axis];
      spacing_m[axis] = (upper_m[axis] - lower_m[axis]) / cells[axis];
    }
  }
  int vertical() const { return dimension - 1; }
  int rows() const { return cells[vertical()]; }
  int plane() const { return dimension == 2 ? cells[0] : cells[0] * cells[1]; }
  double depth_of_box() const { return upper_m[vertical()] - lower_m[vertical()]; }
  /// Of the centres of row `row`, counted from the deepest.
  double depth(int row) const { return (rows() - row - 0.5) * spacing_m[vertical()]; }
  double x(int i) const { return lower_m[0] + (i + 0.5) * spacing_m[0]; }
  /// 0 in 2-D.
  double y(int j) const { return dimension == 2 ? 0 : lower_m[1] + (j + 0.5) * spacing_m[1]; }
};

}  // namespace understudy::solvers::seismic
