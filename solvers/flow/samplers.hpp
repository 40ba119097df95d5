// Values of a state at points and along lines: linear interpolation from where each field lives
// (faces or cells). Numbers only; the apps write them. Ghosts of the prognostic fields are valid.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers {

/// `count` points from `from` to `to`, both included.
std::vector<mesh::Point> points_on_line(const FlowLineParams& line);

class PointSampler {
 public:
  /// Points (m) inside the grid's box.
  PointSampler(std::shared_ptr<const mesh::BoxGrid> grid, std::vector<mesh::Point> points);
  const std::vector<mesh::Point>& points() const { return points_; }
  /// One value per point, the same on all ranks. Collective.
  template <class Real>
  std::vector<double> sample(const mesh::Field<Real>& field) const;

 private:
  std::shared_ptr<const mesh::BoxGrid> grid_;
  std::vector<mesh::Point> points_;
};

}  // namespace understudy::solvers
