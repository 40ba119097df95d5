// The formulas of the shallow-water step at a point. Values q are at cell centres, in equal steps along
// an axis of the panel; faces lie half a step below the cell of their number.
//
// Upwind-biased interpolation to a face, of order 3, 5 or 7 (the linear weights of Jiang and Shu 1996, for
// point values: Zhang, Jiang, Liu 2011), and differences of the values at faces that are as accurate
// (compact nonlinear schemes' linear part: Deng and Zhang 2000, their equation 20 and its like):
//
//     dF/dx = sum_r a_r (F[i + 1/2 + r] - F[i - 1/2 - r]) / step,
//
// which conserves: the same number is the difference of corrected fluxes F^ = sum_r c_r (F[+r] + F[-r]).
#pragma once

#include <Kokkos_Core.hpp>

namespace understudy::solvers::shallow_water {

/// Cells on either side of a face that its two interpolations read.
template <int order>
inline constexpr int reach = (order + 1) / 2;
/// Faces beyond the cell's own on either side that its difference reads.
template <int order>
inline constexpr int widening = (order - 1) / 2;
/// Ghost layers.
template <int order>
inline constexpr int ghosts_needed = reach<order> + widening<order>;

/// Value at a face from the cells q[0], q[s], ... along the wind: q[-1 s] is the last cell before the face
/// where s > 0, and q[-s] the first one behind it where s is turned.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real towards_face(const Real* q, const long s) {
  if constexpr (order == 3) {
    return Real(-0.125) * q[-2 * s] + Real(0.75) * q[-s] + Real(0.375) * q[0];
  } else if constexpr (order == 5) {
    return Real(3.0 / 128) * q[-3 * s] - Real(20.0 / 128) * q[-2 * s] + Real(90.0 / 128) * q[-s] +
           Real(60.0 / 128) * q[0] - Real(5.0 / 128) * q[s];
  } else {
    return Real(-5.0 / 1024) * q[-4 * s] + Real(42.0 / 1024) * q[-3 * s] -
           Real(175.0 / 1024) * q[-2 * s] + Real(700.0 / 1024) * q[-s] + Real(525.0 / 1024) * q[0] -
           Real(70.0 / 1024) * q[s] + Real(7.0 / 1024) * q[2 * s];
  }
}

/// Both interpolations to the face below q[0] along stride s.
template <class Real>
struct Sides {
  Real lower, upper;  ///< as seen from the cells below and above
};
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Sides<Real> at_face(const Real* q, const long s) {
  return {towards_face<order>(q, s), towards_face<order>(q - s, -s)};
}

/// a_r of the difference; its order is that of the interpolation plus one.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr Real difference_weight(const int r) {
  if constexpr (order == 3) return r == 0 ? Real(9.0 / 8) : Real(-1.0 / 24);
  if constexpr (order == 5)
    return r == 0 ? Real(75.0 / 64) : r == 1 ? Real(-25.0 / 384) : Real(3.0 / 640);
  return r == 0   ? Real(1225.0 / 1024)
         : r == 1 ? Real(-245.0 / 3072)
         : r == 2 ? Real(49.0 / 5120)
                  : Real(-5.0 / 7168);
}
/// c_r of the corrected flux: c_last = a_last, c_r = a_r + c_(r+1) from c_0 = a_0 + c_1 down.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr Real flux_weight(const int r) {
  Real sum = 0;
  for (int m = widening<order>; m >= r; --m) sum += difference_weight<order, Real>(m);
  return sum;
}

/// Difference over the cell between faces f[0] and f[s].
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real difference(const Real* f, const long s) {
  Real sum = 0;
  for (int r = 0; r <= widening<order>; ++r)
    sum += difference_weight<order, Real>(r) * (f[(r + 1) * s] - f[-r * s]);
  return sum;
}
/// The corrected flux at face f[0].
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real corrected(const Real* f, const long s) {
  Real sum = flux_weight<order, Real>(0) * f[0];
  for (int r = 1; r <= widening<order>; ++r)
    sum += flux_weight<order, Real>(r) * (f[r * s] + f[-r * s]);
  return sum;
}

/// What crosses a face, and the surface there.
template <class Real>
struct FaceFlow {
  Real speed;    ///< normal to the face, m/s
  Real surface;  ///< m
};

/// Low-dissipation flux (Chen, Andronova, van Leer, Penner, Boyd, Jablonowski, Lin 2013, equations 27 and 28, with
/// the shallow water's impedance g / c): waves of both sides meet at the face. `depth` is the face's, m.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION FaceFlow<Real> meet(const Sides<Real>& speed,
                                                const Sides<Real>& surface, const Real depth,
                                                const Real gravity) {
  const Real impedance =
      Kokkos::sqrt(gravity / (depth > Real(1e-6) ? depth : Real(1e-6)));  // g / c
  const Real half = Real(0.5);
  return {half * (speed.lower + speed.upper) - half * impedance * (surface.upper - surface.lower),
          half * (surface.lower + surface.upper) - half * (speed.upper - speed.lower) / impedance};
}

}  // namespace understudy::solvers::shallow_water
