// A box whose cells are not what they measure alike: a solver's coordinates stretch it (levels over terrain). Indices,
// spacings and positions are the box's, in those coordinates; integrals and norms take the measure.
#pragma once

#include "mesh/box_grid.hpp"
#include "mesh/cell_measure.hpp"

namespace understudy::mesh {

class MappedBoxGrid : public BoxGrid {
 public:
  using BoxGrid::BoxGrid;

  /// cell_volume() of all alike until measure_cells().
  CellMeasure cell_measure() const override { return {cell_volume(), of_each_}; }
  /// What each cell measures (m3; m2 in 2-D), [k, j, i] of the arrays' extents. Before the grid is shared.
  void measure_cells(const Array3<const double>& of_each) { of_each_ = of_each; }

 private:
  Array3<const double> of_each_{};
};

}  // namespace understudy::mesh
