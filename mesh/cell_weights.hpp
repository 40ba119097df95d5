// The measures of a grid's cells (cell_measure.hpp) on the host and of all ranks: for datasets and training, which
// know a grid by its description.
#pragma once

#include <vector>

#include "mesh/grid.hpp"

namespace understudy::mesh {

/// What the cells of a grid that a deck or a file describes measure, [k, j, i]; empty where they are alike. Of a box
/// that a solver maps (mapped_box_grid.hpp) the description does not know.
std::vector<double> cell_measures(const GridParams& grid);

/// The same numbers over their mean, for means over cells; empty for empty ones.
std::vector<float> cell_weights(const std::vector<double>& measures);

}  // namespace understudy::mesh
