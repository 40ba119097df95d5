// Sections of the earth as SEG-Y (mesh/io/segy_file.hpp): a trace for each column of a 2-D grid, from its lower
// to its upper side in x, samples from the surface down at the centres of the cells.
//
// The interval in the headers is the cell's height in millimetres, as depth sections usually have it, or in
// metres (revision 2's way): millimetres are written where they fit. The x of a trace is that of its ensemble
// (bytes 181-184), of its source or of its receiver, whichever is not 0 throughout; spacings must be the grid's
// to a unit of the file's coordinates. Where x starts is left open, as in other model files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mesh/grid.hpp"
#include "mesh/io/segy_file.hpp"

namespace understudy::solvers::seismic {

/// One array [j, i] of a model on the grid, row 0 the deepest, in the unit of the file. UserError as read_segy,
/// and where the grid has three axes, or traces, samples, interval or the x of traces are not the grid's. Warns
/// where the file has no x. Not collective.
std::vector<double> read_segy_model(const std::filesystem::path& path,
                                    const mesh::GridParams& grid);

/// `values` [j, i], row 0 the deepest; `what`: "P speed". Numbers of four bytes: 24 bits of ours of 53, in IBM's
/// floats 21 to 24. Complete or not there. UserError where the grid does not fit (require_segy_grid) or the file
/// cannot be written. Not collective.
void write_segy_model(const std::filesystem::path& path, const std::vector<double>& values,
                      const std::string& what, const std::string& unit,
                      const mesh::GridParams& grid, mesh::SegyNumbers numbers);

/// UserError where the grid is no section, or its cells' height and centres are no numbers that SEG-Y holds.
void require_segy_grid(const mesh::GridParams& grid);

}  // namespace understudy::solvers::seismic
