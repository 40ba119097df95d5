// Halo exchange: fills the ghost layers of arrays from neighbouring blocks and across periodic sides.
// Axes are exchanged one after another (x, y, z), each over the full width of the axes already done,
// so that edges and corners are right too with two messages an axis. Buffers are packed on the device;
// they travel through host memory unless MPI is GPU-aware (environment UNDERSTUDY_GPU_AWARE_MPI=1).
// Ghosts beyond a non-periodic side of the box are left as they are: they belong to the boundary
// conditions. The closing face of a staggered field between two blocks is a ghost of the lower one and
// is filled like any other. Sides that are joined to another
// panel (topology.hpp) are left as they are, too: cubed_sphere_halo.hpp fills them.
#pragma once

#include <memory>
#include <vector>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

template <class Real>
class Halo {
 public:
  explicit Halo(std::shared_ptr<const Grid> grid);
  ~Halo();
  Halo(Halo&&) noexcept;

  /// Exchanges `width` ghost layers (default: all the grid has) of every array, in one message per
  /// neighbour and axis. Arrays have the grid's extents. Collective over the grid's ranks.
  void exchange(const std::vector<Array3<Real>>& arrays, int width = -1);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

extern template class Halo<float>;
extern template class Halo<double>;

}  // namespace understudy::mesh
