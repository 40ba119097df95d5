// Private to mesh/io/vtk_*.cpp: one time of a series on a box as VTK's files. Part of builds with VTK.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/io/vtk_arrays.hpp"

namespace understudy::mesh::vtk {

/// The text of this rank's block as .vti; written by VTK to memory, for the errors of the file
/// system are then ours to report. `corners`: values to show at points in place of the cells' own; none: cells.
/// Not collective.
template <class Real>
std::string piece(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                  const Moment& moment, const Corners<Real>* corners = nullptr);

/// The text of the .pvti over all ranks' pieces; `file_of` gives the file of a rank, relative to
/// it. Field data stand in the pieces, where the parallel reader takes them from.
template <class Real>
std::string parallel_header(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                            const std::function<std::string(int)>& file_of, bool points = false);

}  // namespace understudy::mesh::vtk
