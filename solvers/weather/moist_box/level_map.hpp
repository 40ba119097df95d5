// Where the levels of the moist box lie: heights z(x, y, zeta) = Z(zeta) + h(x, y) B(Z) over terrain of height h
// above the grid's lower end, with Z the levels over flat ground (even ones, a table, or geometrically growing
// ones) and B the decay of the terrain's signal with height:
//
//   linear        B = 1 - Z/H                          Gal-Chen & Somerville 1975, J. Comput. Phys. 17, eq. 15
//   exponential   B = sinh((H - Z)/s) / sinh(H/s)      Schaer et al. 2002, Mon. Wea. Rev. 130, eq. 20, one scale
//
// Ghost levels mirror those inside at ground and lid, ghost columns those inside at walls and across periodic
// sides, so that nothing here needs a message. Host only.
#pragma once

#include <vector>

#include "mesh/mapped_box_grid.hpp"
#include "solvers/weather/moist_box/moist_box_params.hpp"

namespace understudy::solvers::moist {

/// Arrays [k, j, i] of the grid's extents, ghosts included, flat.
struct LevelMap {
  std::vector<double> height_m;     ///< of cells
  std::vector<double> thickness;    ///< J = dz/dzeta of cells
  std::vector<double> tilt_x;       ///< (dz/dx)/J at x-faces
  std::vector<double> tilt_y;       ///< (dz/dy)/J at y-faces; empty in slices
  double sound_inverse_square = 0;  ///< 1/m2: what bounds the acoustic step, largest over all ranks
  double least_spacing_m = 0;       ///< vertical, over all ranks
};

/// Whether the parameters ask for anything but even levels over flat ground.
bool needs_level_map(const MoistBoxParams& params);

/// Faces of the levels over flat ground, m, from the grid's lower end to its upper one: cells + 1. UserErrors
/// that name moist_box.levels.
std::vector<double> level_faces(const MoistBoxLevelParams& params, const mesh::BoxGrid& grid);

/// Collective. UserErrors: levels, terrain that is not finite, that reaches the lid, that jumps across a periodic
/// side, over which levels cross.
LevelMap make_level_map(const MoistBoxParams& params, const mesh::BoxGrid& grid);

/// A cell between stretched levels measures its thickness times the box's cell. As make_level_map.
void measure_cells(const MoistBoxParams& params, mesh::MappedBoxGrid& grid);

}  // namespace understudy::solvers::moist
