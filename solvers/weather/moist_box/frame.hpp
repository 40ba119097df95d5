// How kernels of the moist box find their way in the arrays [k, j, i]: strides, spacings and the level of a
// row. The vertical is the last axis of the grid: z in 3-D, y in a slice. Private to solvers/weather.
#pragma once

#include <cstddef>

#include "mesh/box_grid.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers::moist {

using Index = std::ptrdiff_t;

/// `dim` 2: a slice x-z, whose vertical is the axis y.
template <class Real, int dim>
struct Frame {
  static constexpr int up = dim - 1;  ///< the vertical axis
  Index ex = 0, exy = 0;              ///< strides of j and k
  Real inv_h[3] = {0, 0, 0};          ///< 1/m along x, y, and the vertical (the last of dim)

  Frame() = default;
  explicit Frame(const mesh::BoxGrid& grid)
      : ex(grid.extent(0)), exy(Index(grid.extent(0)) * grid.extent(1)) {
    for (int axis = 0; axis < dim; ++axis) inv_h[axis] = Real(1 / grid.spacing(axis));
  }
  KOKKOS_FORCEINLINE_FUNCTION Index at(int k, int j, int i) const { return exy * k + ex * j + i; }
  KOKKOS_FORCEINLINE_FUNCTION static int level(int k, int j) { return dim == 2 ? j : k; }
  /// Stride of a cell along an axis.
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Index step() const {
    return axis == 0 ? Index(1) : axis == 1 ? ex : exy;
  }
};

/// Upwind-biased flux of q carried at U through the face between q[n - e] and q[n] (Wicker & Skamarock
/// 2002, eqs. 4 and 5). order 5 reads n - 3e to n + 2e, order 3 n - 2e to n + e.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real upwind_flux(const Real U, const Real* q, const Index n,
                                             const Index e) {
  const Real right = q[n], left = q[n - e];
  const Real right2 = q[n + e], left2 = q[n - 2 * e];
  if constexpr (order == 5) {
    const Real right3 = q[n + 2 * e], left3 = q[n - 3 * e];
    const Real middle = Real(37) * (right + left) - Real(8) * (right2 + left2) + (right3 + left3);
    const Real slope = Real(10) * (right - left) - Real(5) * (right2 - left2) + (right3 - left3);
    return (U * middle - Kokkos::abs(U) * slope) * Real(1.0 / 60.0);
  } else {
    const Real middle = Real(7) * (right + left) - (right2 + left2);
    const Real slope = Real(3) * (right - left) - (right2 - left2);
    return (U * middle - Kokkos::abs(U) * slope) * Real(1.0 / 12.0);
  }
}

/// (1 + x)^power - 1 without a call: log(1 + x) = 2 atanh(x / (2 + x)) and exp as series, to round-off for
/// |x| <= 0.5 and |power| <= 1.5, and exact to first order near 0, where a difference of powers would cancel.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real power_minus_one(const Real x, const Real power) {
  const Real s = x / (Real(2) + x), s2 = s * s;
  constexpr int log_terms = sizeof(Real) == 4 ? 5 : 11, exp_terms = sizeof(Real) == 4 ? 8 : 15;
  Real sum = Real(1.0 / (2 * log_terms + 1));
  for (int n = log_terms - 1; n >= 0; --n) sum = sum * s2 + Real(1.0 / (2 * n + 1));
  const Real t = power * Real(2) * s * sum;
  Real e = Real(1);
  for (int n = exp_terms; n >= 2; --n) e = Real(1) + t * e * Real(1.0 / n);
  return t * e;
}

/// f(std::integral_constant<int, dim>, std::integral_constant<int, order>).
template <class F>
void dispatch(int dimension, int order, const F& f) {
  using two = std::integral_constant<int, 2>;
  using three = std::integral_constant<int, 3>;
  using five = std::integral_constant<int, 5>;
  if (dimension == 2)
    order == 3 ? f(two{}, three{}) : f(two{}, five{});
  else
    order == 3 ? f(three{}, three{}) : f(three{}, five{});
}
template <class F>
void dispatch(int dimension, const F& f) {
  if (dimension == 2)
    f(std::integral_constant<int, 2>{});
  else
    f(std::integral_constant<int, 3>{});
}

}  // namespace understudy::solvers::moist
