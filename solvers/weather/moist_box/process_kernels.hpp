// Between the departures that the dynamics carry and the full values that processes work on. Private to
// solvers/weather.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

/// theta (K), exner and density of dry air (kg/m3) in full.
template <class F>
struct ToProcess {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  Real gamma, ratio;  ///< ratio: Rv / Rd
  const Real *theta, *rho, *qv;
  Real *theta_full, *exner, *rho_full;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), l = f.base(f.level(k, j), n);
    const Real density = b.rho[l] + rho[n], full = b.theta[l] + theta[n];
    const Real base = b.rho[l] * b.theta_m[l];
    const Real x = (density * full * (1 + ratio * qv[n]) - base) / base;
    theta_full[n] = full;
    rho_full[n] = density;
    exner[n] = b.exner[l] * (1 + power_minus_one(x, gamma - 1));
  }
};

/// What a process added to theta. Full values have coarser round-off than departures: where nothing was added,
/// nothing changes.
template <class F>
struct FromProcess {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  const Real* theta_full;
  Real* theta;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const Real before = b.theta[f.base(f.level(k, j), n)] + theta[n];
    theta[n] += theta_full[n] - before;
  }
};

/// Rain of a step, size 1 along the vertical, into the lowest level of the sum.
template <class Real, int dim>
struct AddFallen {
  mesh::Array3<Real> fallen, rained;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    rained(k, j, i) += dim == 2 ? fallen(k, 0, i) : fallen(0, j, i);
  }
};

}  // namespace understudy::solvers::moist
