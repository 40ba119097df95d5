// States between two boxes of which one divides each cell of the other into factor x factor (x factor) cells,
// both split over the same ranks at the same places. Cells and staggered faces (Harlow & Welch 1965) alike;
// prognostic fields only.
//
//   restrict()  means over the fine cells of a coarse one, over the fine faces of a coarse face: integrals
//               and fluxes are kept, so that a velocity without divergence stays one.
//   prolong()   the inverse as far as there is one: restrict(prolong(x)) = x to round-off, and a velocity
//               without divergence on the coarse grid has none on the fine one. Along an axis where a field
//               has means, those of the parts come from the polynomial of fourth degree with the means of five
//               cells (the reconstruction of finite volumes); along an axis where it is staggered, values lie
//               on the cubic through four coarse faces. What divergence is left inside a coarse cell is
//               taken away by the gradient of a potential in that cell alone, whose normal derivative is 0
//               on the cell's sides (a cosine transform of factor^dimension values): the faces of the coarse
//               grid keep their fluxes. Error O(h^4) of the coarse spacing in smooth fields; beside sides
//               that are not periodic one-sided, no ghost beyond them is read.
//
// Limits: factors from 1 to 8; a block that ends at sides that are not periodic has five coarse cells or more along
// that axis. Two ghost layers of the coarse grid across blocks and periodic sides must be valid for prolong(); ghosts
// of the result are the caller's.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"

namespace understudy::mesh {

/// What each fine point along an axis is made of: taps first[point]... of a coarse array.
template <class Real>
struct NestedStencils {
  Kokkos::View<int*, Memory> first;
  Kokkos::View<Real**, Kokkos::LayoutRight, Memory> weight;  ///< [point][tap]
};

/// Those of an axis, and the coarse cells whose stencils lie alike: all but those beside sides.
template <class Real>
struct NestedAxis {
  NestedStencils<Real> stencils;
  int first = 0, last = 0;  ///< of these cells, counted from 0
  int offset = 0;           ///< the stencils of their cell I begin at coarse point I + offset
  std::vector<std::vector<double>> weight;  ///< [fine point of the cell][tap]
};

template <class Real>
class NestedGrids {
 public:
  static constexpr int most = 8;  ///< largest factor

  /// UserError where the grids are not nested as said, naming the axis. Collective.
  NestedGrids(std::shared_ptr<const BoxGrid> fine, std::shared_ptr<const BoxGrid> coarse);

  int factor(int axis) const { return factor_[axis]; }
  /// Interior and closing faces of the fields that both states have.
  void restrict(const State<Real>& fine, State<Real>& coarse) const;
  /// After the first call nothing is allocated.
  void prolong(const State<Real>& coarse, State<Real>& fine) const;

 private:
  void restrict(const Array3<Real>& fine, Location location, const Array3<Real>& coarse) const;
  void prolong(const Array3<Real>& coarse, Location location, const Array3<Real>& fine) const;
  void remove_divergence(const std::array<Array3<Real>, 3>& velocity) const;
  NestedAxis<Real> stencils(int axis, bool staggered) const;

  std::shared_ptr<const BoxGrid> fine_, coarse_;
  std::array<int, 3> factor_{1, 1, 1};
  std::array<std::array<NestedAxis<Real>, 2>, 3> stencils_;  ///< [axis][staggered]
  /// [location][axis] fine along this axis and those behind it; made by the first prolong().
  mutable std::array<std::array<Array3<Real>, 3>, 4> between_;
};

extern template class NestedGrids<float>;
extern template class NestedGrids<double>;

}  // namespace understudy::mesh
