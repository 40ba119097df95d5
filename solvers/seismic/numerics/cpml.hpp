// Profiles of the convolutional perfectly matched layer (Komatitsch and Martin 2007, eqs. 13-17, 25 with
// kappa = 1): a derivative d/dx becomes d/dx + psi with psi^n = b psi^{n-1} + a (d/dx)^n,
//   b = exp(-(d + alpha) dt),  a = d / (d + alpha) (b - 1),
//   d = d0 (x / L)^2,  d0 = -3 c ln(R) / (2 L),  alpha = pi f (1 - x / L),
// x the depth in the layer of width L, R the target reflection at normal incidence, c a speed that does
// not follow the model while it is inverted, f the peak frequency of the source. Outside the layer
// a = b = 0.
#pragma once

#include <vector>

#include "core/params.hpp"
#include "mesh/array.hpp"
#include "mesh/box_grid.hpp"

namespace understudy::solvers::seismic {

/// The deck's `seismic.absorbing:` section. The layer lies outside the deck's grid.
struct AbsorbingParams {
  int width_cells = 20;
  double reflection = 1e-4;  ///< R
  void describe(core::ParamVisitor& v);
};

/// What the profiles depend on besides the grid.
struct CpmlSetup {
  AbsorbingParams layer;
  double speed_m_s = 0;     ///< c
  double frequency_hz = 0;  ///< f
  double dt_s = 0;
};

/// Of one axis, on the points of this rank (ghosts included; index as in arrays [k, j, i]).
template <class Real>
struct CpmlAxis {
  Kokkos::View<Real*, mesh::Memory> a, b;            ///< at cell centres
  Kokkos::View<Real*, mesh::Memory> a_half, b_half;  ///< at the lower face of cell i
};

/// `lower`, `upper`: does the axis have a layer on that side?
template <class Real>
CpmlAxis<Real> cpml_axis(const CpmlSetup& setup, const mesh::BoxGrid& padded, int axis, bool lower,
                         bool upper);

}  // namespace understudy::solvers::seismic
