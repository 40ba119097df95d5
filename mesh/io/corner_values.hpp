// Values at the corners of cells, as viewers that interpolate between points want them: the mean of the cells
// that meet at the corner, eight in a volume and four in a plane, fewer on the box's own sides. Across a
// periodic side the cells beyond it count, so that both ends of the axis have the same value. Second order
// inside of a uniform box, and on its sides the value half a cell inside.
#pragma once

#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/cell_field.hpp"

namespace understudy::mesh {

/// [field][corner] of this rank's block, x fastest: cells + 1 corners along each axis that is there. Two blocks
/// that share a corner have the same bits for it. The fields are left as they are, and their ghosts are not
/// used. Collective.
template <class Real>
std::vector<std::vector<Real>> corner_values(const BoxGrid& grid,
                                             const std::vector<CellField<Real>>& fields);

}  // namespace understudy::mesh
