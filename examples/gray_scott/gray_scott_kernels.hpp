// The formulas of the Gray-Scott model at one cell (P. Gray and S. K. Scott, Chemical Engineering Science
// 39, 1984; patterns: J. E. Pearson, Science 261, 1993, equation 2). U is fed at the rate F and eaten by V,
// which dies at the rate F + k; both diffuse:
//
//   dU/dt = D_u lap U - r U V^2 + F (1 - U)
//   dV/dt = D_v lap V + r U V^2 - (F + k) V
//
// U, V are concentrations relative to the feed (1); F, k, r are rates (1/s), D_u, D_v diffusivities (m2/s).
#pragma once

#include <Kokkos_Core.hpp>

namespace gray_scott {

template <class Real>
struct Coefficients {
  Real diffusivity_u, diffusivity_v;  ///< m2/s
  Real feed, kill, reaction;          ///< F, k, r (1/s)
  Real inverse_hx2, inverse_hy2;      ///< 1/m2
};

template <class Real>
KOKKOS_INLINE_FUNCTION Real rate_of_u(const Coefficients<Real>& c, Real u, Real v) {
  return -c.reaction * u * v * v + c.feed * (1 - u);
}

template <class Real>
KOKKOS_INLINE_FUNCTION Real rate_of_v(const Coefficients<Real>& c, Real u, Real v) {
  return c.reaction * u * v * v - (c.feed + c.kill) * v;
}

/// The five-point Laplacian, second order. a: [k, j, i] with one ghost.
template <class View, class Real>
KOKKOS_INLINE_FUNCTION Real laplacian(const Coefficients<Real>& c, const View& a, int k, int j,
                                      int i) {
  const Real twice = 2 * a(k, j, i);
  return c.inverse_hx2 * (a(k, j, i - 1) - twice + a(k, j, i + 1)) +
         c.inverse_hy2 * (a(k, j - 1, i) - twice + a(k, j + 1, i));
}

}  // namespace gray_scott
