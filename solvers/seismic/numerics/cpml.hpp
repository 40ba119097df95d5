// Profiles of the convolutional perfectly matched layer (Komatitsch and Martin 2007, eqs. 13-17, 25): a
// derivative d/dx becomes (d/dx) / kappa + psi with psi^n = b psi^{n-1} + a (d/dx)^n,
//   b = exp(-(d / kappa + alpha) dt),  a = d / (kappa (d + kappa alpha)) (b - 1),
//   d = d0 (x / L)^2,  d0 = -3 c ln(R) / (2 L),  alpha = shift pi f (1 - x / L),
//   kappa = 1 + (stretch - 1) (x / L)^2,
// x the depth in the layer of width L, R the target reflection at normal incidence, c a speed that does
// not follow the model while it is inverted, f the peak frequency of the source. Outside the layer
// a = b = 0 and kappa = 1. A wave that meets the layer at an angle of incidence t comes back with R^cos t,
// whatever kappa; kappa > 1 absorbs what decays across the layer (evanescent and near-field waves).
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
  double stretch = 1;        ///< largest kappa
  double shift = 1;          ///< largest alpha over pi f
  double loss = 0.3;         ///< elastic waves: of the whole field (elastic_sweeps.cpp)
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
  Kokkos::View<Real*, mesh::Memory> k, k_half;       ///< 1 / kappa - 1, at cells and faces
  std::vector<double> damping, damping_half;         ///< d dt, at cells and faces
};

/// `lower`, `upper`: does the axis have a layer on that side?
template <class Real>
CpmlAxis<Real> cpml_axis(const CpmlSetup& setup, const mesh::BoxGrid& padded, int axis, bool lower,
                         bool upper);

}  // namespace understudy::solvers::seismic
