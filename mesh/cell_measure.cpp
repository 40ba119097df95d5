#include "mesh/cell_measure.hpp"

namespace understudy::mesh {

double weight_of_cells(const Grid& grid) {
  const CellMeasure measure = grid.cell_measure();
  if (measure.uniform()) return static_cast<double>(grid.global_cell_count());
  const auto weight = measure.of_each;
  return grid.comm().sum(sum_cells(
      "cell weights", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return weight(k, j, i); }));
}

}  // namespace understudy::mesh
