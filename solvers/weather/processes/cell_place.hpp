// The place of a cell in a batch of points: in the order of the cells.
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/grid.hpp"

namespace understudy::solvers::weather {

struct CellPlace {
  mesh::Range3 r;
  KOKKOS_FORCEINLINE_FUNCTION int operator()(int k, int j, int i) const {
    return ((k - r.begin[2]) * (r.end[1] - r.begin[1]) + j - r.begin[1]) * (r.end[0] - r.begin[0]) +
           i - r.begin[0];
  }
  /// The cell of a place.
  KOKKOS_FORCEINLINE_FUNCTION void cell(int n, int& k, int& j, int& i) const {
    const int nx = r.end[0] - r.begin[0], ny = r.end[1] - r.begin[1];
    i = n % nx + r.begin[0];
    j = n / nx % ny + r.begin[1];
    k = n / nx / ny + r.begin[2];
  }
};

}  // namespace understudy::solvers::weather
