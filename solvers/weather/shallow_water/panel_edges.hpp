// What passes between panels. Each panel differences its fluxes along its own coordinates, whose continuations beyond
// an edge are not the neighbour's: the corrected fluxes that its differences are made of (shallow_water_kernels.hpp)
// differ at an edge by the square of the step. The fluxes themselves agree. So the sum over a row of cells, each
// weighed by what it measures (mesh/cubed_sphere_grid.hpp), is made to change by the flux at the edge, of both
// panels the mean: with weights w and differences d of the outermost cells
//     w_0 d_0 + ... + w_5 d_5 = F^_6 - F_0,
// where F^_6 is the corrected flux six cells inside; what lacks, of seventh order, is given to the outermost cell. What
// leaves a panel then enters its neighbour to round-off, and no order is lost.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/index_exchange.hpp"

namespace understudy::solvers::shallow_water {

/// The outermost cells beside edges across one axis: of the device's kernels.
struct EdgeCells {
  using Indices = Kokkos::View<int*, mesh::Memory>;
  Indices face, cell, area, place,
      sign;         ///< flat indices; place among the outward fluxes; +1 upper side, -1 lower
  Indices partner;  ///< place among the neighbours' fluxes
};

template <class Real>
class PanelEdges {
 public:
  explicit PanelEdges(std::shared_ptr<const mesh::CubedSphereGrid> grid);

  /// fluxes[axis]: of what `value` measures, per unit of the other angle, through the face below each cell in the
  /// direction of the axis, by which `value` was advanced for `factor` (s) with differences of `order`. Adds
  /// to the cells beside edges what they lack. Collective.
  void reconcile(int order, const std::array<mesh::Array3<Real>, 2>& fluxes,
                 const mesh::Array3<Real>& value,
                 const Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory>& inverse_area,
                 double factor);

 private:
  std::array<EdgeCells, 2> cells_;
  mesh::Array3<Real> own_;  ///< [panel, side, index along it], outward
  Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> theirs_;  ///< [edge cell, 0]
  std::unique_ptr<mesh::IndexExchange<Real>> exchange_;
  int stride_;  ///< of a face along y
};

}  // namespace understudy::solvers::shallow_water
