// Batches of points, whatever place they have in a grid: one row a point, one column a feature.
#pragma once

#include "mesh/array.hpp"

namespace understudy::mesh {

/// [point, column]
template <class Real, class MemorySpace = Memory>
using Points = Kokkos::View<Real**, Kokkos::LayoutRight, MemorySpace>;

}  // namespace understudy::mesh
