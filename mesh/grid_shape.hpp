// The numbers of cells by which arrays of a grid are shaped, whatever kind it is: those of a box along x, y, z; of a
// cubed sphere along x and y of a panel, and the panels.
#pragma once

#include <string>
#include <vector>

#include "mesh/grid.hpp"

namespace understudy::mesh {

/// {nx, ny} or {nx, ny, nz} of a box, {n, n, 6} of a cubed sphere: the lengths of [k, j, i], i first.
std::vector<long long> shape_of(const GridParams& grid);
std::vector<long long> shape_of(const Grid& grid);
/// "256 x 128"; of a cubed sphere "6 x 48 x 48".
std::string shape_text(const GridParams& grid);

/// What a deck would say of the grid; ranks are left out. UserError where it is neither a box nor a cubed sphere,
/// naming `what` needs one.
GridParams params_of(const Grid& grid, const char* what);

}  // namespace understudy::mesh
