// Eddy viscosity of the subgrid models at one cell, from the velocity gradient g_ab = du_a/dx_b
// there.
//   Smagorinsky 1963: nu_t = (C delta)^2 |S|, |S| = sqrt(2 S_ab S_ab)
//   WALE (Nicoud & Ducros 1999, eq. 10 and 13): with Sd the traceless symmetric part of g^2,
//       nu_t = (C delta)^2 (Sd:Sd)^(3/2) / ((S:S)^(5/2) + (Sd:Sd)^(5/4)),
//     which vanishes like y^3 at a wall.
// delta = (h_x h_y h_z)^(1/3). nu_t in m2/s.
#pragma once

#include "solvers/flow/momentum_kernels.hpp"

namespace understudy::solvers::flow {

/// g [3][3] at the centre of cell n.
template <class Real>
KOKKOS_INLINE_FUNCTION void velocity_gradient(const Real* const* u, const Index n,
                                              const Steps<Real>& s, Real (&g)[3][3]) {
  g[0][0] = gradient_at_cell<0, 0>(u[0], n, s);
  g[0][1] = gradient_at_cell<0, 1>(u[0], n, s);
  g[0][2] = gradient_at_cell<0, 2>(u[0], n, s);
  g[1][0] = gradient_at_cell<1, 0>(u[1], n, s);
  g[1][1] = gradient_at_cell<1, 1>(u[1], n, s);
  g[1][2] = gradient_at_cell<1, 2>(u[1], n, s);
  g[2][0] = gradient_at_cell<2, 0>(u[2], n, s);
  g[2][1] = gradient_at_cell<2, 1>(u[2], n, s);
  g[2][2] = gradient_at_cell<2, 2>(u[2], n, s);
}

/// S_ab S_ab of the strain rate.
template <class Real>
KOKKOS_INLINE_FUNCTION Real strain_squared(const Real (&g)[3][3]) {
  const Real xy = g[0][1] + g[1][0], xz = g[0][2] + g[2][0], yz = g[1][2] + g[2][1];
  return g[0][0] * g[0][0] + g[1][1] * g[1][1] + g[2][2] * g[2][2] +
         Real(0.5) * (xy * xy + xz * xz + yz * yz);
}

template <class Real>
KOKKOS_INLINE_FUNCTION Real smagorinsky_viscosity(const Real (&g)[3][3],
                                                  const Real constant_delta_sq) {
  return constant_delta_sq * Kokkos::sqrt(Real(2) * strain_squared(g));
}

template <class Real>
KOKKOS_INLINE_FUNCTION Real wale_viscosity(const Real (&g)[3][3], const Real constant_delta_sq) {
  Real g2[3][3];
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b)
      g2[a][b] = g[a][0] * g[0][b] + g[a][1] * g[1][b] + g[a][2] * g[2][b];
  const Real third = (g2[0][0] + g2[1][1] + g2[2][2]) / Real(3);
  Real sd_sq = 0;
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      const Real sd = Real(0.5) * (g2[a][b] + g2[b][a]) - (a == b ? third : Real(0));
      sd_sq += sd * sd;
    }
  const Real s_sq = strain_squared(g);
  // Powers by square roots: (x)^(5/2) = x^2 sqrt x, (x)^(5/4) = x sqrt sqrt x.
  const Real below = s_sq * s_sq * Kokkos::sqrt(s_sq) + sd_sq * Kokkos::sqrt(Kokkos::sqrt(sd_sq));
  const Real above = sd_sq * Kokkos::sqrt(sd_sq);
  return below > Real(1e-30) ? constant_delta_sq * above / below : Real(0);
}

}  // namespace understudy::solvers::flow
