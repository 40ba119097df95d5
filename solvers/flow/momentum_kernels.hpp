// The formulas of the momentum and scalar equations at one point, on the MAC grid. No loops here.
//
// Symbols: u_a velocity component along axis a, at the lower a-face of a cell; n linear index of
// that cell in arrays [k, j, i]; e_a the linear index step along a; h_a spacing. The control volume
// of u_a is centred on its face, so its lower b-face lies at the cell's centre line (a = b) or at
// an edge (a != b). With
//     U = (u_b[n - e_a] + u_b[n]) / 2,   q_L = u_a[n - e_b],   q_R = u_a[n]
// one formula serves both cases:
//     central  F = U (q_L + q_R) / 2                       Harlow & Welch 1965; conserves momentum,
//                                          and energy where div u = 0 (Morinishi et al. 1998)
//     upwind3  F = U (7 (q_L + q_R) - q_LL - q_RR) / 12 + |U| ((q_RR - q_LL) - 3 (q_R - q_L)) / 12
//              = U (-q_LL + 5 q_L + 2 q_R) / 6 for U > 0   third-order upwind-biased interpolation
// Rates: r_a = -sum_b (F_b[n + e_b] - F_b[n]) / h_b + viscous term, in m/s2.
#pragma once

#include <Kokkos_Core.hpp>
#include <cstddef>

#include "mesh/box_grid.hpp"

namespace understudy::solvers::flow {

using Index = std::ptrdiff_t;

/// Steps and reciprocal spacings of the arrays [k, j, i].
template <class Real>
struct Steps {
  Index e[3] = {1, 0, 0};
  Real inv_h[3] = {0, 0, 0};     ///< 1/m
  Real inv_h_sq[3] = {0, 0, 0};  ///< 1/m2

  Steps() = default;
  explicit Steps(const mesh::BoxGrid& grid) {
    e[1] = grid.extent(0);
    e[2] = Index(grid.extent(0)) * grid.extent(1);
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      inv_h[axis] = Real(1 / grid.spacing(axis));
      inv_h_sq[axis] = Real(1 / (grid.spacing(axis) * grid.spacing(axis)));
    }
  }
  template <int axis>
  KOKKOS_INLINE_FUNCTION Index step() const {
    return axis == 0 ? Index(1) : e[axis];
  }
  KOKKOS_INLINE_FUNCTION Index at(int k, int j, int i) const { return e[2] * k + e[1] * j + i; }
};

/// Flux of a quantity q through a face that lies between q[n - e] and q[n], carried at speed U.
template <bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real convective_flux(const Real U, const Real* q, const Index n,
                                            const Index e) {
  const Real left = q[n - e], right = q[n];
  if constexpr (upwind) {
    const Real far_left = q[n - 2 * e], far_right = q[n + e];
    const Real sign_free = U * (Real(7) * (left + right) - (far_left + far_right));
    const Real biased = Kokkos::abs(U) * ((far_right - far_left) - Real(3) * (right - left));
    return (sign_free + biased) * Real(1.0 / 12.0);
  } else {
    return U * (left + right) * Real(0.5);
  }
}

/// Flux of u_a through the lower b-face of its control volume, m2/s2.
template <int a, int b, bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real momentum_flux(const Real* ua, const Real* ub, const Index n,
                                          const Steps<Real>& s) {
  const Real U = Real(0.5) * (ub[n - s.template step<a>()] + ub[n]);
  return convective_flux<upwind>(U, ua, n, s.template step<b>());
}

/// -d(u_b u_a)/dx_b + nu d2 u_a / dx_b2, m/s2.
template <int a, int b, bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real momentum_rate_along(const Real* ua, const Real* ub, const Index n,
                                                const Steps<Real>& s, const Real nu) {
  const Index e = s.template step<b>();
  const Real out = momentum_flux<a, b, upwind>(ua, ub, n + e, s);
  const Real in = momentum_flux<a, b, upwind>(ua, ub, n, s);
  const Real laplace = (ua[n + e] - ua[n]) - (ua[n] - ua[n - e]);
  return nu * s.inv_h_sq[b] * laplace - (out - in) * s.inv_h[b];
}

/// Convection and diffusion of component a with uniform viscosity nu (m2/s): the rate H_a, m/s2.
template <int a, int dim, bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real momentum_rate(const Real* const* u, const Index n, const Steps<Real>& s,
                                          const Real nu) {
  Real rate = momentum_rate_along<a, 0, upwind>(u[a], u[0], n, s, nu) +
              momentum_rate_along<a, 1, upwind>(u[a], u[1], n, s, nu);
  if constexpr (dim == 3) rate += momentum_rate_along<a, 2, upwind>(u[a], u[2], n, s, nu);
  return rate;
}

/// Viscous stress 2 nu_t S_ab on the lower b-face of u_a's control volume; nu_t (m2/s) at cells.
template <int a, int b, class Real>
KOKKOS_INLINE_FUNCTION Real eddy_stress(const Real* ua, const Real* ub, const Real* nu_t,
                                        const Index n, const Steps<Real>& s) {
  const Index ea = s.template step<a>(), eb = s.template step<b>();
  if constexpr (a == b) {
    return Real(2) * nu_t[n - ea] * (ua[n] - ua[n - ea]) * s.inv_h[a];
  } else {
    const Real mean = Real(0.25) * (nu_t[n] + nu_t[n - ea] + nu_t[n - eb] + nu_t[n - ea - eb]);
    return mean * ((ua[n] - ua[n - eb]) * s.inv_h[b] + (ub[n] - ub[n - ea]) * s.inv_h[a]);
  }
}

/// div(2 nu_t S) of component a (3-D), m/s2.
template <int a, class Real>
KOKKOS_INLINE_FUNCTION Real eddy_rate(const Real* const* u, const Real* nu_t, const Index n,
                                      const Steps<Real>& s) {
  const Real x =
      eddy_stress<a, 0>(u[a], u[0], nu_t, n + 1, s) - eddy_stress<a, 0>(u[a], u[0], nu_t, n, s);
  const Real y = eddy_stress<a, 1>(u[a], u[1], nu_t, n + s.e[1], s) -
                 eddy_stress<a, 1>(u[a], u[1], nu_t, n, s);
  const Real z = eddy_stress<a, 2>(u[a], u[2], nu_t, n + s.e[2], s) -
                 eddy_stress<a, 2>(u[a], u[2], nu_t, n, s);
  return x * s.inv_h[0] + y * s.inv_h[1] + z * s.inv_h[2];
}

/// -d(u_b c)/dx_b + d/dx_b(kappa dc/dx_b) of a cell quantity c, carried by the face velocity u_b.
template <int b, bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real scalar_rate_along(const Real* c, const Real* ub, const Index n,
                                              const Steps<Real>& s, const Real kappa) {
  const Index e = s.template step<b>();
  const Real out = convective_flux<upwind>(ub[n + e], c, n + e, e);
  const Real in = convective_flux<upwind>(ub[n], c, n, e);
  const Real laplace = (c[n + e] - c[n]) - (c[n] - c[n - e]);
  return kappa * s.inv_h_sq[b] * laplace - (out - in) * s.inv_h[b];
}

/// d/dx_b((nu_t / Sc_t) dc/dx_b) of a cell quantity c, nu_t (m2/s) at cells.
template <int b, class Real>
KOKKOS_INLINE_FUNCTION Real eddy_scalar_rate_along(const Real* c, const Real* nu_t, const Index n,
                                                   const Steps<Real>& s, const Real inv_schmidt) {
  const Index e = s.template step<b>();
  const Real out = (nu_t[n + e] + nu_t[n]) * (c[n + e] - c[n]);
  const Real in = (nu_t[n] + nu_t[n - e]) * (c[n] - c[n - e]);
  return Real(0.5) * inv_schmidt * s.inv_h_sq[b] * (out - in);
}

/// Divergence of the face velocities at cell n, 1/s.
template <int dim, class Real>
KOKKOS_INLINE_FUNCTION Real divergence(const Real* const* u, const Index n, const Steps<Real>& s) {
  Real sum = (u[0][n + 1] - u[0][n]) * s.inv_h[0] + (u[1][n + s.e[1]] - u[1][n]) * s.inv_h[1];
  if constexpr (dim == 3) sum += (u[2][n + s.e[2]] - u[2][n]) * s.inv_h[2];
  return sum;
}

/// d u_a / d x_b at the centre of cell n: exact difference for a = b, mean of four edges otherwise.
template <int a, int b, class Real>
KOKKOS_INLINE_FUNCTION Real gradient_at_cell(const Real* ua, const Index n, const Steps<Real>& s) {
  const Index ea = s.template step<a>(), eb = s.template step<b>();
  if constexpr (a == b) {
    return (ua[n + ea] - ua[n]) * s.inv_h[a];
  } else {
    return Real(0.25) * s.inv_h[b] *
           ((ua[n + eb] - ua[n - eb]) + (ua[n + ea + eb] - ua[n + ea - eb]));
  }
}

}  // namespace understudy::solvers::flow
