// Points between grid points: a Kaiser-windowed sinc of half width 4 cells spreads a source and gathers a
// receiver (Hicks 2002, eqs. 6-8), exact to 1e-3 along each axis for waves of four or more points per
// wavelength.
// Weights along an axis: W(x) = sinc(x) I0(b sqrt(1 - (x / 4)^2)) / I0(b), b = 6.31, x in cells. A point
// that lies on a grid point has the single weight 1. What falls beyond a free surface is folded back
// with the field's parity there.
#pragma once

#include <vector>

#include "mesh/array.hpp"
#include "solvers/seismic/survey/shot.hpp"
#include "solvers/seismic/survey/survey.hpp"

namespace understudy::solvers::seismic {

/// A field's symmetry about the free surface. none: where the window would reach beyond the surface, the
/// vertical weights are those of the polynomial through the nearest six rows (four where the point lies
/// above the uppermost row), exact to degree 5 (3).
enum class Parity { odd = -1, none = 0, even = 1 };

/// Sparse rows, on this rank: entries of row r are [first[r], first[r + 1]).
struct SparseRows {
  Kokkos::View<int*, mesh::Memory> first;  ///< [rows + 1]
  Kokkos::View<std::ptrdiff_t*, mesh::Memory>
      at;  ///< [entries] linear index into arrays [k, j, i], or point
  Kokkos::View<double*, mesh::Memory> weight;  ///< [entries]
  int rows = 0;
};

/// The stencils of some points, both ways. Weights are of interpolation (they sum to 1 far from the surface); a source
/// of strength s adds s * weight / cell volume.
struct PointStencils {
  SparseRows by_point;                               ///< row: point; at: cell
  SparseRows by_cell;                                ///< row: touched cell; at: point
  Kokkos::View<std::ptrdiff_t*, mesh::Memory> cell;  ///< [by_cell.rows] its linear index
  int points = 0;
};

/// `location`: of the field on the staggered grid. Weights of cells on other ranks are left out: sampled
/// values are summed over the ranks.
PointStencils make_point_stencils(const std::vector<Position>& points, const WaveGrid& grid,
                                  mesh::Location location, Parity parity);

/// Several sources as one point: a value that is added is added at all of them, times their factors, and the
/// sampled value is the sum of theirs.
PointStencils make_joint_stencil(const std::vector<PartSource>& parts, const WaveGrid& grid,
                                 mesh::Location location, Parity parity);

}  // namespace understudy::solvers::seismic
