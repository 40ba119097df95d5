// What decks and cards say of a cubed sphere: apart from the grid, for readers that have no use for one.
#include "core/format.hpp"
#include "mesh/cubed_sphere_grid.hpp"

namespace understudy::mesh {

void CubedSphereParams::describe(core::ParamVisitor& v) {
  v.integer("cells", cells, {.at_least = 2 * edge_cells, .at_most = 20000},
            "cells along an edge of each of the cubed sphere's six panels");
  v.real("radius_m", radius_m, {.above = 0}, "m", "radius of the sphere");
  v.integers(
      "ranks", ranks, 0, {.at_least = 1, .at_most = 1000000},
      "MPI ranks along x and y of a panel (every rank has a block of all six); empty: the split "
      "with the least communication");
  v.require(ranks.empty() || ranks.size() == 2, "ranks",
            core::format("has {} entries; two or none are wanted", ranks.size()));
}

GridParams CubedSphereParams::grid_params() const {
  return {
      .lower_m = {}, .upper_m = {}, .cells = {cells, cells}, .ranks = ranks, .radius_m = radius_m};
}

CubedSphereParams cubed_sphere_params(const GridParams& grid) {
  return {grid.cells.at(0), grid.radius_m, grid.ranks};
}

}  // namespace understudy::mesh
