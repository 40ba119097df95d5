// Jets through one function of one variable, and through products: the formulas at one point and one
// direction. Orders are derivatives (no factorials): z[j] = D^j z, and likewise y, and g for the gradient
// of the loss with respect to D^j y.
//
//   compose   y = s(z), Faa di Bruno (1857), with s_j the derivatives of s at z:
//     y_1 = s1 z1
//     y_2 = s2 z1^2 + s1 z2
//     y_3 = s3 z1^3 + 3 s2 z1 z2 + s1 z3
//     y_4 = s4 z1^4 + 6 s3 z1^2 z2 + s2 (4 z1 z3 + 3 z2^2) + s1 z4
//   product   (a b)_k = sum_j C(k, j) a_j b_{k-j}, Leibniz
//
// Each has its transpose: from g to the gradients with respect to z, a and b.
#pragma once

#include <Kokkos_Core.hpp>

#include "pinn/engine/jet_program.hpp"
#include "pinn/engine/jet_spec.hpp"

namespace understudy::pinn::formulas {

/// Derivatives 1 ... most_order + 1 of s, at s[1] ...; s[0]: unused by compose.
template <class Real>
struct Slopes {
  Real s[most_order + 2];
};

/// From f = tanh(z): every derivative is a polynomial of f.
template <int orders, class Real>
KOKKOS_FORCEINLINE_FUNCTION Slopes<Real> tanh_slopes(Real f) {
  Slopes<Real> d;
  const Real q = f * f;
  d.s[1] = 1 - q;
  if constexpr (orders >= 2) d.s[2] = -2 * f * d.s[1];
  if constexpr (orders >= 3) d.s[3] = d.s[1] * (6 * q - 2);
  if constexpr (orders >= 4) d.s[4] = d.s[1] * f * (16 - 24 * q);
  if constexpr (orders >= 5) d.s[5] = d.s[1] * (16 + q * (120 * q - 120));
  return d;
}

/// From s = sin(z), c = cos(z).
template <int orders, class Real>
KOKKOS_FORCEINLINE_FUNCTION Slopes<Real> sin_slopes(Real s, Real c) {
  Slopes<Real> d;
  d.s[1] = c;
  if constexpr (orders >= 2) d.s[2] = -s;
  if constexpr (orders >= 3) d.s[3] = -c;
  if constexpr (orders >= 4) d.s[4] = s;
  if constexpr (orders >= 5) d.s[5] = c;
  return d;
}

/// s(z) = z / (1 + exp(-z)) = z (1 + t) / 2 with t = tanh(z / 2).
template <int orders, class Real>
KOKKOS_FORCEINLINE_FUNCTION Slopes<Real> silu_slopes(Real z, Real t) {
  const Slopes<Real> h = tanh_slopes<orders>(t);
  Slopes<Real> d;
  // Derivatives of the logistic function: h_j / 2^(j + 1); of z times it: z l_j + j l_(j-1).
  d.s[1] = z * h.s[1] / 4 + (1 + t) / 2;
  if constexpr (orders >= 2) d.s[2] = z * h.s[2] / 8 + 2 * h.s[1] / 4;
  if constexpr (orders >= 3) d.s[3] = z * h.s[3] / 16 + 3 * h.s[2] / 8;
  if constexpr (orders >= 4) d.s[4] = z * h.s[4] / 32 + 4 * h.s[3] / 16;
  if constexpr (orders >= 5) d.s[5] = z * h.s[5] / 64 + 5 * h.s[4] / 32;
  return d;
}

/// y[1 ... order] from z[1 ... order].
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION void compose(const Slopes<Real>& d, const Real* z, Real* y) {
  const Real* s = d.s;
  y[1] = s[1] * z[1];
  if constexpr (order >= 2) y[2] = s[2] * z[1] * z[1] + s[1] * z[2];
  if constexpr (order >= 3) y[3] = s[3] * z[1] * z[1] * z[1] + 3 * s[2] * z[1] * z[2] + s[1] * z[3];
  if constexpr (order >= 4)
    y[4] = s[4] * z[1] * z[1] * z[1] * z[1] + 6 * s[3] * z[1] * z[1] * z[2] +
           s[2] * (4 * z[1] * z[3] + 3 * z[2] * z[2]) + s[1] * z[4];
}

/// The transpose: gz[1 ... order] from g[1 ... order]; returns what the direction adds to the gradient
/// with respect to z[0]. Wants slopes up to order + 1.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real compose_transposed(const Slopes<Real>& d, const Real* z,
                                                    const Real* g, Real* gz) {
  const Real* s = d.s;
  Real g0 = g[1] * s[2] * z[1];
  gz[1] = g[1] * s[1];
  if constexpr (order >= 2) {
    g0 += g[2] * (s[3] * z[1] * z[1] + s[2] * z[2]);
    gz[1] += 2 * g[2] * s[2] * z[1];
    gz[2] = g[2] * s[1];
  }
  if constexpr (order >= 3) {
    g0 += g[3] * (s[4] * z[1] * z[1] * z[1] + 3 * s[3] * z[1] * z[2] + s[2] * z[3]);
    gz[1] += 3 * g[3] * (s[3] * z[1] * z[1] + s[2] * z[2]);
    gz[2] += 3 * g[3] * s[2] * z[1];
    gz[3] = g[3] * s[1];
  }
  if constexpr (order >= 4) {
    g0 += g[4] * (s[5] * z[1] * z[1] * z[1] * z[1] + 6 * s[4] * z[1] * z[1] * z[2] +
                  s[3] * (4 * z[1] * z[3] + 3 * z[2] * z[2]) + s[2] * z[4]);
    gz[1] += g[4] * (4 * s[4] * z[1] * z[1] * z[1] + 12 * s[3] * z[1] * z[2] + 4 * s[2] * z[3]);
    gz[2] += g[4] * 6 * (s[3] * z[1] * z[1] + s[2] * z[2]);
    gz[3] += 4 * g[4] * s[2] * z[1];
    gz[4] = g[4] * s[1];
  }
  return g0;
}

KOKKOS_FORCEINLINE_FUNCTION constexpr int binomial(int n, int k) {
  int result = 1;
  for (int i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

/// (a b)_k for k = 1 ... order; a, b hold [0 ... order]. Written out: loops here would keep the compiler from
/// vectorising the loop over elements around it.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION void product(const Real* a, const Real* b, Real* y) {
  y[1] = a[0] * b[1] + a[1] * b[0];
  if constexpr (order >= 2) y[2] = a[0] * b[2] + 2 * a[1] * b[1] + a[2] * b[0];
  if constexpr (order >= 3) y[3] = a[0] * b[3] + 3 * (a[1] * b[2] + a[2] * b[1]) + a[3] * b[0];
  if constexpr (order >= 4)
    y[4] = a[0] * b[4] + 4 * (a[1] * b[3] + a[3] * b[1]) + 6 * a[2] * b[2] + a[4] * b[0];
}

/// The transpose with respect to a: ga[j] = sum_(k >= max(j, 1)) C(k, j) g[k] b[k - j].
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION void product_transposed(const Real* b, const Real* g, Real* ga) {
  ga[0] = g[1] * b[1];
  ga[1] = g[1] * b[0];
  if constexpr (order >= 2) {
    ga[0] += g[2] * b[2];
    ga[1] += 2 * g[2] * b[1];
    ga[2] = g[2] * b[0];
  }
  if constexpr (order >= 3) {
    ga[0] += g[3] * b[3];
    ga[1] += 3 * g[3] * b[2];
    ga[2] += 3 * g[3] * b[1];
    ga[3] = g[3] * b[0];
  }
  if constexpr (order >= 4) {
    ga[0] += g[4] * b[4];
    ga[1] += 4 * g[4] * b[3];
    ga[2] += 6 * g[4] * b[2];
    ga[3] += 4 * g[4] * b[1];
    ga[4] = g[4] * b[0];
  }
}

}  // namespace understudy::pinn::formulas
