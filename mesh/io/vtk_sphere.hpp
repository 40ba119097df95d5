// Private to mesh/io/vtk_*.cpp: one time of a series on a cubed sphere as VTK's files, quadrilaterals on the
// sphere's surface in three dimensions (m). Part of builds with VTK.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/vtk_arrays.hpp"

namespace understudy::mesh::vtk {

/// The text of this rank's blocks of all panels as .vtu: each cell a quadrilateral between its corners, seen
/// from outside anticlockwise; panels do not share points, and cells come in the order [panel, j, i]. Not
/// collective.
template <class Real>
std::string piece(const CubedSphereGrid& grid, const std::vector<CellField<Real>>& fields,
                  const Moment& moment);

/// The text of the .pvtu over all ranks' pieces; `file_of` gives the file of a rank, relative to it.
template <class Real>
std::string parallel_header(const CubedSphereGrid& grid, const std::vector<CellField<Real>>& fields,
                            const std::function<std::string(int)>& file_of);

}  // namespace understudy::mesh::vtk
