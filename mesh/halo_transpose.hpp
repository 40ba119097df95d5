// The transpose of a halo exchange (halo.hpp): ghosts are added to the cells that they are copies of. For
// derivatives of what reads ghosts.
#pragma once

#include <memory>
#include <vector>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

template <class Real>
class HaloTranspose {
 public:
  explicit HaloTranspose(std::shared_ptr<const Grid> grid);
  ~HaloTranspose();

  /// Of all ghost layers of every array, in those beyond sides of the box, too; leaves ghosts that have an
  /// owner zero. Collective over the grid's ranks.
  void give_back(const std::vector<Array3<Real>>& arrays);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

extern template class HaloTranspose<float>;
extern template class HaloTranspose<double>;

}  // namespace understudy::mesh
