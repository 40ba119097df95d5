// The range of a box for kernels.
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/grid.hpp"

namespace understudy::mesh::detail {

/// A Range3 for kernels: std::array's members are host functions to nvcc.
struct DeviceRange {
  int begin[3], size[3];
  explicit DeviceRange(const Range3& r)
      : begin{r.begin[0], r.begin[1], r.begin[2]}, size{r.size(0), r.size(1), r.size(2)} {}
  /// Position in storage order of a buffer that holds the box.
  KOKKOS_INLINE_FUNCTION int at(int k, int j, int i) const {
    return ((k - begin[2]) * size[1] + j - begin[1]) * size[0] + i - begin[0];
  }
};

}  // namespace understudy::mesh::detail
