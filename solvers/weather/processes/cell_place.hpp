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
};

}  // namespace understudy::solvers::weather
