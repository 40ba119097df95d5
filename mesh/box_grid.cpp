#include "mesh/box_grid.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cell_measure.hpp"

namespace understudy::mesh {

namespace {

// An axis that is not there counts as periodic: nothing ends along it.
Topology topology_of(const GridParams& params, const std::array<bool, 3>& periodic) {
  std::array<bool, 3> joined{true, true, true};
  for (int axis = 0; axis < params.dimension(); ++axis) joined[axis] = periodic[axis];
  return Topology::box(joined);
}

}  // namespace

BoxGrid::BoxGrid(const GridParams& params, const std::array<bool, 3>& periodic,
                 const core::Comm& comm, int ghosts)
    : Grid(params, topology_of(params, periodic), comm, ghosts) {
  for (int axis = 0; axis < dimension(); ++axis) {
    lower_[axis] = params.lower_m.at(axis);
    upper_[axis] = params.upper_m.at(axis);
    spacing_[axis] = (upper_[axis] - lower_[axis]) / global_cells(axis);
  }
}

double BoxGrid::coordinate(Location location, int axis, int index) const {
  const double shift = staggered(location, axis) ? 0 : 0.5;
  return lower_[axis] + spacing_[axis] * (offset(axis) + index - ghosts(axis) + shift);
}

CellMeasure BoxGrid::cell_measure() const { return {.of_all = cell_volume()}; }

std::array<double, 3> BoxGrid::position(Location location, int k, int j, int i) const {
  return {coordinate(location, 0, i), coordinate(location, 1, j), coordinate(location, 2, k)};
}

GridGeometry BoxGrid::geometry() const {
  return {{"lower_m", {lower_.begin(), lower_.end()}}, {"upper_m", {upper_.begin(), upper_.end()}}};
}

const BoxGrid& as_box(const Grid& grid, const char* what) {
  if (const auto* box = dynamic_cast<const BoxGrid*>(&grid)) return *box;
  throw core::UserError(core::format("{} needs a uniform box; this run's grid is another", what));
}

std::shared_ptr<const BoxGrid> as_box(const std::shared_ptr<const Grid>& grid, const char* what) {
  as_box(*grid, what);
  return std::static_pointer_cast<const BoxGrid>(grid);
}

}  // namespace understudy::mesh
