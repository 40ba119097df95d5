// Derived quantities at one point of the MAC grid, from valid velocities with ghosts.
//   edge vorticity  omega_c on the edge between cells n, n - e_a, n - e_b (a, b, c cyclic):
//                   (u_b[n] - u_b[n - e_a]) / h_a - (u_a[n] - u_a[n - e_b]) / h_b; cells: mean of 4
//   Q criterion     (|Omega|^2 - |S|^2) / 2 = -g_ab g_ba / 2 for div u = 0 (Hunt, Wray & Moin 1988)
#pragma once

#include "solvers/flow/les_kernels.hpp"

namespace understudy::solvers::flow {

template <int a, int b, class Real>
KOKKOS_INLINE_FUNCTION Real edge_vorticity(const Real* ua, const Real* ub, const Index n,
                                           const Steps<Real>& s) {
  return (ub[n] - ub[n - s.template step<a>()]) * s.inv_h[a] -
         (ua[n] - ua[n - s.template step<b>()]) * s.inv_h[b];
}

/// Mean over the cell's four edges along c of omega (power 1) or omega^2 (power 2).
template <int a, int b, int power, class Real>
KOKKOS_INLINE_FUNCTION Real cell_vorticity(const Real* ua, const Real* ub, const Index n,
                                           const Steps<Real>& s) {
  const Index ea = s.template step<a>(), eb = s.template step<b>();
  const Real w0 = edge_vorticity<a, b>(ua, ub, n, s), w1 = edge_vorticity<a, b>(ua, ub, n + ea, s);
  const Real w2 = edge_vorticity<a, b>(ua, ub, n + eb, s);
  const Real w3 = edge_vorticity<a, b>(ua, ub, n + ea + eb, s);
  if constexpr (power == 1) return Real(0.25) * (w0 + w1 + w2 + w3);
  return Real(0.25) * (w0 * w0 + w1 * w1 + w2 * w2 + w3 * w3);
}

/// |omega|^2 at cell n, means over edges.
template <int dim, class Real>
KOKKOS_INLINE_FUNCTION Real vorticity_squared(const Real* const* u, const Index n,
                                              const Steps<Real>& s) {
  Real sum = cell_vorticity<0, 1, 2>(u[0], u[1], n, s);
  if constexpr (dim == 3)
    sum += cell_vorticity<1, 2, 2>(u[1], u[2], n, s) + cell_vorticity<2, 0, 2>(u[2], u[0], n, s);
  return sum;
}

/// |u|^2 at cell n: means of squares over opposite faces.
template <int dim, class Real>
KOKKOS_INLINE_FUNCTION Real speed_squared(const Real* const* u, const Index n,
                                          const Steps<Real>& s) {
  const auto mean = [](const Real x, const Real y) { return Real(0.5) * (x * x + y * y); };
  Real sum = mean(u[0][n], u[0][n + 1]) + mean(u[1][n], u[1][n + s.e[1]]);
  if constexpr (dim == 3) sum += mean(u[2][n], u[2][n + s.e[2]]);
  return sum;
}

template <int dim, class Real>
KOKKOS_INLINE_FUNCTION Real q_criterion(const Real* const* u, const Index n, const Steps<Real>& s) {
  const Real xx = gradient_at_cell<0, 0>(u[0], n, s), yy = gradient_at_cell<1, 1>(u[1], n, s);
  Real sum = xx * xx + yy * yy +
             Real(2) * gradient_at_cell<0, 1>(u[0], n, s) * gradient_at_cell<1, 0>(u[1], n, s);
  if constexpr (dim == 3) {
    const Real zz = gradient_at_cell<2, 2>(u[2], n, s);
    sum += zz * zz +
           Real(2) * gradient_at_cell<0, 2>(u[0], n, s) * gradient_at_cell<2, 0>(u[2], n, s) +
           Real(2) * gradient_at_cell<1, 2>(u[1], n, s) * gradient_at_cell<2, 1>(u[2], n, s);
  }
  return Real(-0.5) * sum;
}

}  // namespace understudy::solvers::flow
