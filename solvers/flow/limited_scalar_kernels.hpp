// Bounded convection of a cell quantity c at one point. With q the values along an axis, C the cell
// upstream of a face, D the one downstream, and U (m/s) through the face,
//     F = U (C + phi / 2),   b = D - C,   a = C - (the value upstream of C),
//     phi = 0 where a b <= 0, else sign(b) min(mu |a|, (2 |b| + |a|) / 3, 2 |b|)
// which is the third-order upwind-biased value where it is smooth (Koren 1993, limiter with mu = 2).
// mu is the cell's upstream, from what its time step leaves of it:
//     mu = 2 (1 - nu - delta) / nu, at most 2;   nu = dt sum of U_out / h,   delta = dt sum of kappa / h^2
// over faces. With it a step c + dt rate is a weighted mean of c and its neighbours (weights >= 0,
// sum 1, in a flow without divergence) as long as nu + delta <= 1: no new extrema, whatever the limiter
// would allow at a smaller step (Spekreijse 1987 has nu <= 1/2).
//
// Sides with a given value g have 2 g - c in their ghosts: inflow carries g = (ghost + c) / 2.
#pragma once

#include "solvers/flow/momentum_kernels.hpp"

namespace understudy::solvers::flow {

/// Faces of an axis, by their index, on sides where a value is given.
struct GivenFaces {
  int lower = -1000, upper = -1000;  ///< none
};

/// dt sum of the velocities out of cell n over h.
template <int dim, class Real>
KOKKOS_INLINE_FUNCTION Real outward_courant(const Real* const* u, const Index n,
                                            const Steps<Real>& s, const Real dt) {
  const auto out = [](const Real lower, const Real upper) {
    return (upper > 0 ? upper : Real(0)) - (lower < 0 ? lower : Real(0));
  };
  Real sum = out(u[0][n], u[0][n + 1]) * s.inv_h[0] + out(u[1][n], u[1][n + s.e[1]]) * s.inv_h[1];
  if constexpr (dim == 3) sum += out(u[2][n], u[2][n + s.e[2]]) * s.inv_h[2];
  return dt * sum;
}

/// mu of a cell from its nu and delta.
template <class Real>
KOKKOS_INLINE_FUNCTION Real limiter_slope(const Real nu, const Real delta) {
  const Real left = Real(1) - nu - delta;
  if (left >= nu) return Real(2);
  return left > 0 ? Real(2) * left / nu : Real(0);
}

/// Flux through the face `face` of an axis, between cells n - e and n, mu of both given.
template <class Real>
KOKKOS_INLINE_FUNCTION Real limited_flux(const Real U, const Real* q, const Index n, const Index e,
                                         const int face, const GivenFaces& given,
                                         const Real mu_left, const Real mu_right) {
  const Real left = q[n - e], right = q[n];
  const bool forward = U > 0;
  const Real upstream = forward ? left : right;
  const Real b = forward ? right - left : left - right;
  const Real a = upstream - (forward ? q[n - 2 * e] : q[n + e]);
  const Real mu = forward ? mu_left : mu_right;
  const bool beside_given = forward ? face - 1 == given.lower : face + 1 == given.upper;
  const Real size_a = Kokkos::abs(a), size_b = Kokkos::abs(b);
  Real phi = (Real(2) * size_b + size_a) * Real(1.0 / 3.0);
  const Real by_a = (beside_given ? Real(0.5) * mu : mu) * size_a, by_b = Real(2) * size_b;
  phi = phi < by_a ? phi : by_a;
  phi = phi < by_b ? phi : by_b;
  phi = a * b > 0 ? (b > 0 ? phi : -phi) : Real(0);
  Real value = upstream + Real(0.5) * phi;
  const bool enters = forward ? face == given.lower : face == given.upper;
  const bool leaves = forward ? face == given.upper : face == given.lower;
  value = enters ? Real(0.5) * (left + right) : leaves ? upstream : value;
  return U * value;
}

}  // namespace understudy::solvers::flow
