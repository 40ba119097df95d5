// Ghosts of a cubed sphere. They lie on the continuation of their panel's coordinates, where no other
// panel has a cell, and are interpolated: one product of a sparse matrix, made once, with cells of the panels
// around, on whatever rank they are.
//
// Equiangular panels share their planes of constant angle across an edge, so that a ghost of depth d lies on
// the neighbour's d-th row along the edge: Lagrange interpolation of order + 1 cells of that row, centred
// (Ronchi et al. 1996; Ullrich et al. 2010). Where the centred stencil would leave the neighbour, near the
// eight corners, and for the ghosts of both axes, cells of all panels around the ghost are fitted by a
// polynomial of degree `order` in the plane that touches the sphere there, weighed by their distance (moving
// least squares; Lancaster and Salkauskas 1981): one-sided stencils of high order are unstable, and so is
// a centred one whose cells are missing on one side. All weights of a ghost add up to 1, and what varies along the
// sphere as a polynomial of that degree is exact.
//
// Values are scalars. Tangent vectors come as their three Cartesian components, which are scalars, too.
#pragma once

#include <memory>
#include <vector>

#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/index_exchange.hpp"

namespace understudy::mesh {

template <class Real>
class CubedSphereHalo {
 public:
  /// Interpolates to order + 1 in the step; odd, 1 to 7. Of order 1 no ghost leaves the range of the cells around it. UserError where a panel has too few cells. Collective.
  CubedSphereHalo(std::shared_ptr<const CubedSphereGrid> grid, int order);

  /// Fills all ghosts of every array from their interiors. Arrays have the grid's extents. Collective.
  void exchange(const std::vector<Array3<Real>>& arrays);

 private:
  using Indices = Kokkos::View<int*, Memory>;
  /// Ghosts with as many terms each.
  struct Rows {
    Indices ghosts;                                             ///< flat index in an array
    Kokkos::View<int**, Kokkos::LayoutRight, Memory> terms;     ///< [term, row]: place in values_
    Kokkos::View<Real**, Kokkos::LayoutRight, Memory> weights;  ///< [term, row]
  };
  std::shared_ptr<const CubedSphereGrid> grid_;
  std::unique_ptr<IndexExchange<Real>> sources_;
  std::vector<Rows> rows_;
  Kokkos::View<Real**, Kokkos::LayoutRight, Memory> values_;  ///< [source, array]
};

/// One term of a ghost: a cell by its global number (panel n + j) n + i, and its weight.
struct GhostTerm {
  long long cell;
  double weight;
};
/// What the value at (alpha, beta) of the continuation of `panel` is made of, on panels of n x n cells.
std::vector<GhostTerm> ghost_terms(int n, int order, int panel, double alpha, double beta);

extern template class CubedSphereHalo<float>;
extern template class CubedSphereHalo<double>;

}  // namespace understudy::mesh
