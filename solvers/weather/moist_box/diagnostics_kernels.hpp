// Sums, extremes and derived quantities of the moist box. Private to solvers/weather.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

template <class Real>
struct CutNegative {
  mesh::Array3<Real> q;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    if (q(k, j, i) < 0) q(k, j, i) = 0;
  }
};

template <class Real>
struct Signed {
  mesh::Array3<Real> a;
  int sign;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    return sign * double(a(k, j, i));
  }
};

/// Density (kg/m3) of dry air, or of a water of that mixing ratio, times J.
template <class F>
struct MassOf {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  const Real *rho, *q;  ///< q: null for dry air
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const double density =
        (double(b.rho[f.base(f.level(k, j), n)]) + double(rho[n])) * double(f.thickness(n));
    return q ? density * double(q[n]) : density;
  }
};

/// J/m3 times J, of dry air, velocities squared and averaged from a cell's faces.
template <class F>
struct KineticEnergy {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  KOKKOS_INLINE_FUNCTION static double square(const Real* u, const Index n, const Index e) {
    return 0.5 * (double(u[n]) * double(u[n]) + double(u[n + e]) * double(u[n + e]));
  }
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    double sum = square(s.u, n, 1) + square(s.w, n, f.template step<dim - 1>());
    if constexpr (dim == 3) sum += square(s.v, n, f.ex);
    return 0.5 * (double(b.rho[f.base(f.level(k, j), n)]) + double(s.rho[n])) * sum *
           double(f.thickness(n));
  }
};

/// Mapped: what the air above presses the ground along an axis (Pa), p' dh/dx at the lowest cells.
template <class F, int axis>
struct GroundDrag {
  using Real = typename F::Real;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real gamma, ratio;  ///< ratio: Rv / Rd
  const Real* qv;     ///< may be null
  KOKKOS_INLINE_FUNCTION double pressure(const Index n) const {
    const Real base = b.rho[n] * b.theta_m[n], rho = b.rho[n] + s.rho[n];
    const Real excess = qv ? rho * (b.theta[n] + s.theta[n]) * (1 + ratio * qv[n]) - base
                           : s.rho[n] * b.theta_m[n] + rho * s.theta[n];
    return double(b.pressure[n] * power_minus_one(excess / base, gamma));
  }
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<F::up>();
    return (1.5 * pressure(n) - 0.5 * pressure(n + up)) * double(f.template slope<axis>(n));
  }
};

/// 0: pressure (Pa); 1: temperature (K); 2: potential temperature (K).
template <class F>
struct Derived {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real gamma, rd, ratio;  ///< ratio: Rv / Rd
  const Real* qv;         ///< may be null
  int which;
  Real* out;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), l = f.base(f.level(k, j), n);
    const Real rho = b.rho[l] + s.rho[n], theta = b.theta[l] + s.theta[n];
    const Real virtual_factor = qv ? 1 + ratio * qv[n] : Real(1);
    const Real base = b.rho[l] * b.theta_m[l];
    const Real x = (rho * theta * virtual_factor - base) / base;
    const Real p = b.pressure[l] * (1 + power_minus_one(x, gamma));
    out[n] = which == 0 ? p : which == 1 ? p / (rho * rd * virtual_factor) : theta;
  }
};

}  // namespace understudy::solvers::moist
