// Fall of what is in the air by its own weight, column by column: first-order upwind fluxes rho q V
// through the faces of the levels, in as many sub-steps as V dt / dz <= 0.9 asks for in each column, with
// speeds V that are held for the step. Positive, and conservative: sum(rho q dz) plus what fell out below
// is constant to round-off. Columns do not depend on each other nor on how ranks split them; each lies
// whole on one rank.
#pragma once

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::solvers {

/// Where the columns are: `cells` of arrays [k, j, i] whose axis `vertical` (1: j, a slice x-z; 2: k) points
/// upwards.
template <class Real>
struct Columns {
  mesh::Range3 cells;
  int vertical = 2;
  /// Thickness of the level of each array index along `vertical`, m.
  Kokkos::View<const Real*, mesh::Memory> dz;
  /// Factor of dz at each [k, j, i] (levels that follow terrain); empty: 1.
  mesh::Array3<Real> stretch;

  /// The lowest cells: one index along `vertical`.
  mesh::Range3 lowest() const {
    mesh::Range3 r = cells;
    r.end[vertical] = r.begin[vertical] + 1;
    return r;
  }
};

/// Lets q (kg/kg) [k, j, i] fall in air of rho (kg/m3) [k, j, i] for dt (s) at speeds V (m/s, >= 0)
/// [k, j, i], and adds what leaves below to `fallen` (kg/m2), [k, j, i] of size 1 along the vertical.
template <class Real>
void sediment(const Columns<Real>& columns, const mesh::Array3<Real>& rho,
              const mesh::Array3<Real>& speed, const mesh::Array3<Real>& q,
              const mesh::Array3<Real>& fallen, Real dt);

}  // namespace understudy::solvers
