// Ghost layers of the moist box: the halo between blocks and across periodic sides, and mirrors at the ground,
// the lid and walls, which let everything slip and nothing through: over terrain w is there what slips along the
// ground, and its ghosts continue it. Private to solvers/weather.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "solvers/weather/moist_box/frame.hpp"

namespace understudy::solvers::moist {

template <class Real>
class Ghosts {
 public:
  using Array = mesh::Array3<Real>;
  /// `metric`: of a mapped grid, or none.
  Ghosts(std::shared_ptr<const mesh::BoxGrid> grid, const MetricPointers<Real>& metric);

  /// Values at cells, `width` layers (-1: all). Collective.
  void fill_cells(const std::vector<Array>& arrays, int width = -1);
  /// u, v (3-D), w; the normal component is 0 on walls, ground and lid. Collective.
  void fill_velocity(const std::vector<Array>& components);
  /// Tendencies of the horizontal momenta: closing faces between blocks, 0 on walls. Collective.
  void close_faces(const std::vector<Array>& components);

 private:
  /// `normal`: the component is normal to that axis.
  void mirror(const Array& array, int axis, int width, bool normal) const;

  void slip(const std::vector<Array>& components) const;

  std::shared_ptr<const mesh::BoxGrid> grid_;
  MetricPointers<Real> metric_;
  mesh::Halo<Real> halo_;
};

extern template class Ghosts<float>;
extern template class Ghosts<double>;

}  // namespace understudy::solvers::moist
