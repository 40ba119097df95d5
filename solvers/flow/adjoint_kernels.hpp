// The derivatives of momentum_kernels.hpp at one point: the first variation of the rates, and their transpose as
// a gather. No loops here. With the symbols of momentum_kernels.hpp, w_a the derivative of J with respect to
// the rate H_a, and
//     Fbar_ab[n] = (w_a[n] - w_a[n - e_b]) / h_b         that with respect to the flux F_ab through face n
// the transpose adds to the derivative with respect to u_c[m]
//     sum over b and faces n of  dF_cb/dq_m Fbar_cb[n]   u_c as the quantity that is carried: n = m, m + e_b;
//                                                        upwind3 also m - e_b, m + 2 e_b
//   + sum over a, n = m, m + e_a of 1/2 dF_ac/dU Fbar_ac[n]        u_c as the speed that carries
//   + nu sum over b of (w_c[m + e_b] - 2 w_c[m] + w_c[m - e_b]) / h_b^2
// upwind3's |U| has the derivative sign(U), and 0 where U = 0.
//
// `Where` knows which faces and points count (those whose rates were computed): AllAround for the interior,
// where whatever lies beyond has w = 0, and Within for ghost points, where neighbours must not even be read.
#pragma once

#include "solvers/flow/momentum_kernels.hpp"

namespace understudy::solvers::flow {

struct AllAround {
  KOKKOS_INLINE_FUNCTION static constexpr bool face(int, int, int, int) { return true; }
  KOKKOS_INLINE_FUNCTION static constexpr bool point(int, int) { return true; }
};

/// Around the point x = (i, j, k): rates are those of points lower <= x < upper.
struct Within {
  int x[3], lower[3], upper[3];
  /// The face along b that lies `along_b` steps along b and `along_a` along a from x.
  KOKKOS_INLINE_FUNCTION bool face(int b, int along_b, int a, int along_a) const {
    for (int axis = 0; axis < 3; ++axis) {
      const int at = x[axis] + (axis == b ? along_b : 0) + (axis == a ? along_a : 0);
      if (at < lower[axis] || at >= upper[axis] + (axis == b ? 1 : 0)) return false;
    }
    return true;
  }
  KOKKOS_INLINE_FUNCTION bool point(int b, int along_b) const {
    for (int axis = 0; axis < 3; ++axis) {
      const int at = x[axis] + (axis == b ? along_b : 0);
      if (at < lower[axis] || at >= upper[axis]) return false;
    }
    return true;
  }
};

template <class Real>
KOKKOS_INLINE_FUNCTION Real sign_of(const Real x) {
  return Real(x > Real(0)) - Real(x < Real(0));
}

/// dF/dU of convective_flux.
template <bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real flux_by_speed(const Real U, const Real* q, const Index n,
                                          const Index e) {
  const Real left = q[n - e], right = q[n];
  if constexpr (upwind) {
    const Real far_left = q[n - 2 * e], far_right = q[n + e];
    const Real sign_free = Real(7) * (left + right) - (far_left + far_right);
    const Real biased = sign_of(U) * ((far_right - far_left) - Real(3) * (right - left));
    return (sign_free + biased) * Real(1.0 / 12.0);
  } else {
    return (left + right) * Real(0.5);
  }
}

/// Change of the flux of u_a through the lower b-face at n, for changes d of the velocity.
template <int a, int b, bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real momentum_flux_change(const Real* const* u, const Real* const* d,
                                                 const Index n, const Steps<Real>& s) {
  const Index ea = s.template step<a>(), eb = s.template step<b>();
  const Real U = Real(0.5) * (u[b][n - ea] + u[b][n]);
  const Real dU = Real(0.5) * (d[b][n - ea] + d[b][n]);
  return convective_flux<upwind>(U, d[a], n, eb) + dU * flux_by_speed<upwind>(U, u[a], n, eb);
}

/// Second difference of component a over h_b^2, summed over the axes, 1/(m s).
template <int a, int dim, class Real>
KOKKOS_INLINE_FUNCTION Real laplacian(const Real* const* u, const Index n, const Steps<Real>& s) {
  const Real* const q = u[a];
  Real sum = s.inv_h_sq[0] * ((q[n + 1] - q[n]) - (q[n] - q[n - 1])) +
             s.inv_h_sq[1] * ((q[n + s.e[1]] - q[n]) - (q[n] - q[n - s.e[1]]));
  if constexpr (dim == 3) sum += s.inv_h_sq[2] * ((q[n + s.e[2]] - q[n]) - (q[n] - q[n - s.e[2]]));
  return sum;
}

/// First variation of the rate H_a at n.
template <int a, int dim, bool upwind, class Real>
KOKKOS_INLINE_FUNCTION Real momentum_rate_change(const Real* const* u, const Real* const* d,
                                                 const Index n, const Steps<Real>& s,
                                                 const Real nu) {
  Real out = s.inv_h[0] * (momentum_flux_change<a, 0, upwind>(u, d, n + 1, s) -
                           momentum_flux_change<a, 0, upwind>(u, d, n, s)) +
             s.inv_h[1] * (momentum_flux_change<a, 1, upwind>(u, d, n + s.e[1], s) -
                           momentum_flux_change<a, 1, upwind>(u, d, n, s));
  if constexpr (dim == 3)
    out += s.inv_h[2] * (momentum_flux_change<a, 2, upwind>(u, d, n + s.e[2], s) -
                         momentum_flux_change<a, 2, upwind>(u, d, n, s));
  return nu * laplacian<a, dim>(d, n, s) - out;
}

/// u_c[m] as what is carried through the b-face that lies `along` steps from m: dF_cb/dq_m Fbar_cb.
template <int c, int b, int along, bool upwind, class Real, class Where>
KOKKOS_INLINE_FUNCTION Real as_carried(const Real* const* u, const Real* const* w, const Index m,
                                       const Steps<Real>& s, const Where& where) {
  if (!where.face(b, along, 0, 0)) return 0;
  const Index e = s.template step<b>(), n = m + along * e;
  const Real U = Real(0.5) * (u[b][n - s.template step<c>()] + u[b][n]);
  const Real by_flux = (w[c][n] - w[c][n - e]) * s.inv_h[b];
  if constexpr (upwind) {
    constexpr Real even = along == 0 || along == 1 ? Real(7.0 / 12.0) : Real(-1.0 / 12.0);
    constexpr Real odd = along == 0    ? Real(-3.0 / 12.0)
                         : along == 1  ? Real(3.0 / 12.0)
                         : along == -1 ? Real(1.0 / 12.0)
                                       : Real(-1.0 / 12.0);
    return (even * U + odd * Kokkos::abs(U)) * by_flux;
  } else {
    return Real(0.5) * U * by_flux;
  }
}

/// u_c[m] as a part of the speed that carries u_a through the c-face that lies `along` steps along a from m.
template <int c, int a, int along, bool upwind, class Real, class Where>
KOKKOS_INLINE_FUNCTION Real as_carrier(const Real* const* u, const Real* const* w, const Index m,
                                       const Steps<Real>& s, const Where& where) {
  if (!where.face(c, a == c ? along : 0, a, a == c ? 0 : along)) return 0;
  const Index ea = s.template step<a>(), ec = s.template step<c>(), n = m + along * ea;
  const Real U = Real(0.5) * (u[c][n - ea] + u[c][n]);
  const Real by_flux = (w[a][n] - w[a][n - ec]) * s.inv_h[c];
  return Real(0.5) * flux_by_speed<upwind>(U, u[a], n, ec) * by_flux;
}

/// The parts along axis b of the transpose: fluxes of u_c along b, u_c as carrier of u_b, diffusion along b.
template <int c, int b, bool upwind, class Real, class Where>
KOKKOS_INLINE_FUNCTION Real momentum_gather_along(const Real* const* u, const Real* const* w,
                                                  const Index m, const Steps<Real>& s,
                                                  const Real nu, const Where& where) {
  Real sum = as_carried<c, b, 0, upwind>(u, w, m, s, where) +
             as_carried<c, b, 1, upwind>(u, w, m, s, where) +
             as_carrier<c, b, 0, upwind>(u, w, m, s, where) +
             as_carrier<c, b, 1, upwind>(u, w, m, s, where);
  if constexpr (upwind)
    sum += as_carried<c, b, -1, upwind>(u, w, m, s, where) +
           as_carried<c, b, 2, upwind>(u, w, m, s, where);
  const Index e = s.template step<b>();
  const Real here = where.point(b, 0) ? w[c][m] : Real(0);
  const Real before = where.point(b, -1) ? w[c][m - e] : Real(0);
  const Real after = where.point(b, 1) ? w[c][m + e] : Real(0);
  return sum + nu * s.inv_h_sq[b] * ((after - here) - (here - before));
}

/// What the rates' derivatives w give to that of u_c[m].
template <int c, int dim, bool upwind, class Real, class Where>
KOKKOS_INLINE_FUNCTION Real momentum_gather(const Real* const* u, const Real* const* w,
                                            const Index m, const Steps<Real>& s, const Real nu,
                                            const Where& where) {
  Real sum = momentum_gather_along<c, 0, upwind>(u, w, m, s, nu, where) +
             momentum_gather_along<c, 1, upwind>(u, w, m, s, nu, where);
  if constexpr (dim == 3) sum += momentum_gather_along<c, 2, upwind>(u, w, m, s, nu, where);
  return sum;
}

}  // namespace understudy::solvers::flow
