// A uniform Cartesian box: the grid of flow, waves and the linear solvers.
#pragma once

#include <memory>
#include <string>

#include "mesh/grid.hpp"

namespace understudy::mesh {

class BoxGrid : public Grid {
 public:
  /// Collective. UserError when there are more ranks than the cells allow (each block keeps at least
  /// `ghosts` cells per axis).
  BoxGrid(const GridParams& params, const std::array<bool, 3>& periodic, const core::Comm& comm,
          int ghosts = 2);

  double spacing(int axis) const { return spacing_[axis]; }  ///< m; 1 on an axis that is not there
  double lower(int axis) const { return lower_[axis]; }
  double upper(int axis) const { return upper_[axis]; }
  double cell_volume() const { return spacing_[0] * spacing_[1] * spacing_[2]; }
  /// Position (m) of local index `index` along `axis` for values at `location`.
  double coordinate(Location location, int axis, int index) const;

  CellMeasure cell_measure() const override;  ///< of all cells alike
  std::array<double, 3> position(Location location, int k, int j, int i) const override;
  GridGeometry geometry() const override;  ///< lower_m, upper_m

 private:
  std::array<double, 3> lower_{0, 0, 0}, upper_{1, 1, 1}, spacing_{1, 1, 1};
};

/// The grid as a box. UserError where it is none, naming `what` needs one ("an energy spectrum").
const BoxGrid& as_box(const Grid& grid, const char* what);
std::shared_ptr<const BoxGrid> as_box(const std::shared_ptr<const Grid>& grid, const char* what);

}  // namespace understudy::mesh
