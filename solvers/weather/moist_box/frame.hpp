// How kernels of the moist box find their way in the arrays [k, j, i]: strides, spacings, the level of a row and,
// where levels follow terrain or are uneven, their metric terms. The vertical is the last axis of the grid: z in
// 3-D, y in a slice. Private to solvers/weather.
#pragma once

#include <cstddef>
#include <type_traits>

#include "mesh/box_grid.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers::moist {

using Index = std::ptrdiff_t;

/// Where levels lie over terrain or unevenly (level_map.hpp), by cell.
template <class Real>
struct MetricPointers {
  const Real* thickness = nullptr;           ///< J = dz/dzeta at cells
  const Real* tilt[2] = {nullptr, nullptr};  ///< (dz/dx)/J at x-faces, (dz/dy)/J at y-faces
  int ground = 0, lid = 0;                   ///< indices of the ground's and the lid's faces
};

/// `dim` 2: a slice x-z, whose vertical is the axis y. `mapped`: heights are a function z(x, y, zeta) of the
/// grid's own vertical zeta; else they are zeta, J is 1 and the base a function of the level.
template <class R, int dimension, bool is_mapped>
struct Frame {
  using Real = R;
  static constexpr int dim = dimension;
  static constexpr bool mapped = is_mapped;
  static constexpr int up = dim - 1;  ///< the vertical axis
  Index ex = 0, exy = 0;              ///< strides of j and k
  Real inv_h[3] = {0, 0, 0};          ///< 1/m along x, y, and the vertical (the last of dim)
  MetricPointers<Real> metric;

  Frame() = default;
  Frame(const mesh::BoxGrid& grid, const MetricPointers<Real>& m)
      : ex(grid.extent(0)), exy(Index(grid.extent(0)) * grid.extent(1)), metric(m) {
    for (int axis = 0; axis < dim; ++axis) inv_h[axis] = Real(1 / grid.spacing(axis));
  }
  KOKKOS_FORCEINLINE_FUNCTION Index at(int k, int j, int i) const { return exy * k + ex * j + i; }
  KOKKOS_FORCEINLINE_FUNCTION static int level(int k, int j) { return dim == 2 ? j : k; }
  /// Stride of a cell along an axis.
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Index step() const {
    return axis == 0 ? Index(1) : axis == 1 ? ex : exy;
  }
  /// Index of the base's profiles at the cell n of level l.
  KOKKOS_FORCEINLINE_FUNCTION static Index base(const int l, const Index n) {
    return mapped ? n : Index(l);
  }
  /// J at a cell, at the face between n - e and n, and at the edge between those two and n - c, n - e - c.
  KOKKOS_FORCEINLINE_FUNCTION Real thickness(const Index n) const {
    if constexpr (mapped)
      return metric.thickness[n];
    else
      return Real(1);
  }
  KOKKOS_FORCEINLINE_FUNCTION Real thickness(const Index n, const Index e) const {
    if constexpr (mapped)
      return Real(0.5) * (metric.thickness[n] + metric.thickness[n - e]);
    else
      return Real(1);
  }
  KOKKOS_FORCEINLINE_FUNCTION Real thickness(const Index n, const Index e, const Index c) const {
    return Real(0.5) * (thickness(n, e) + thickness(n - c, e));
  }
  /// What mass fluxes J rho u, J rho v along the levels carry upwards through the lower face of n: rho dz/dt of
  /// what stays on its level.
  KOKKOS_FORCEINLINE_FUNCTION Real risen(const Real* U, const Real* V, const Index n) const {
    const Index e = step<up>();
    const Real* t = metric.tilt[0];
    Real sum =
        (t[n] * U[n] + t[n + 1] * U[n + 1]) + (t[n - e] * U[n - e] + t[n + 1 - e] * U[n + 1 - e]);
    if constexpr (dim == 3) {
      const Real* s = metric.tilt[1];
      sum += (s[n] * V[n] + s[n + ex] * V[n + ex]) +
             (s[n - e] * V[n - e] + s[n + ex - e] * V[n + ex - e]);
    }
    return Real(0.25) * sum;
  }
  /// The same of velocities u, v: w of what stays on its level.
  KOKKOS_FORCEINLINE_FUNCTION Real climb(const Real* u, const Real* v, const Index n) const {
    const Index e = step<up>();
    const auto along = [&](const Real* t, const Real* q, const Index m, const Index a) {
      return t[m] * thickness(m, a) * q[m] + t[m + a] * thickness(m + a, a) * q[m + a];
    };
    Real sum = along(metric.tilt[0], u, n, 1) + along(metric.tilt[0], u, n - e, 1);
    if constexpr (dim == 3)
      sum += along(metric.tilt[1], v, n, ex) + along(metric.tilt[1], v, n - e, ex);
    return Real(0.25) * sum;
  }
  /// dz/dx (dz/dy) of the lower face of n.
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real slope(const Index n) const {
    const Index e = step<up>(), a = step<axis>();
    const Real* t = metric.tilt[axis];
    return Real(0.25) * ((t[n] * thickness(n, a) + t[n + a] * thickness(n + a, a)) +
                         (t[n - e] * thickness(n - e, a) + t[n + a - e] * thickness(n + a - e, a)));
  }
  /// Weights of dq/dzeta times the spacing at the cells of level l, for q[n + first + (0, 1, 2) e]: of second
  /// order, one-sided at ground and lid.
  struct VerticalChange {
    Index first, e;
    Real weight[3];
    KOKKOS_FORCEINLINE_FUNCTION Real operator()(const Real* q, const Index n) const {
      const Real* from = q + n + first;
      return weight[0] * from[0] + weight[1] * from[e] + weight[2] * from[2 * e];
    }
  };
  KOKKOS_FORCEINLINE_FUNCTION VerticalChange vertical_change(const int l) const {
    const Index e = step<up>();
    // By arithmetic: branches would keep the loops round it from being vectorised.
    const int low = l == metric.ground, high = l == metric.lid - 1, shift = low - high;
    const Real side = Real(shift);
    return {e * (shift - 1), e, {Real(-0.5) - side, Real(2) * side, Real(0.5) - side}};
  }
  /// part * J dq/dx at constant height at the face between n - e and n of a horizontal axis.
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real gradient(const Real part, const Real* q, const Index n,
                                            const int l) const {
    const Index e = step<axis>();
    if constexpr (mapped) {
      const VerticalChange change = vertical_change(l);
      const Real upwards = Real(0.5) * (change(q, n) + change(q, n - e));
      return part * thickness(n, e) *
             ((q[n] - q[n - e]) * inv_h[axis] - metric.tilt[axis][n] * upwards * inv_h[up]);
    } else {
      return part * (q[n] - q[n - e]) * inv_h[axis];
    }
  }
};

/// Upwind-biased flux of q carried at U through the face between q[n - e] and q[n] (Wicker & Skamarock
/// 2002, eqs. 4 and 5). order 5 reads n - 3e to n + 2e, order 3 n - 2e to n + e.
template <int order, class Real, class Values>
KOKKOS_FORCEINLINE_FUNCTION Real upwind_flux(const Real U, const Values& q, const Index n,
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

/// f(std::integral_constant<int, order>) for the order 3 or 5.
template <class F>
void with_order(int order, const F& f) {
  if (order == 3)
    f(std::integral_constant<int, 3>{});
  else
    f(std::integral_constant<int, 5>{});
}
/// f(std::bool_constant<yes>).
template <class F>
void with_flag(bool yes, const F& f) {
  if (yes)
    f(std::true_type{});
  else
    f(std::false_type{});
}
/// f(Frame<Real, dim, mapped>) of that grid; mapped where there are metrics.
template <class Real, class F>
void with_frame(const mesh::BoxGrid& grid, const MetricPointers<Real>& metric, const F& f) {
  with_flag(metric.thickness != nullptr, [&](auto mapped) {
    constexpr bool is_mapped = decltype(mapped)::value;
    if (grid.dimension() == 2)
      f(Frame<Real, 2, is_mapped>(grid, metric));
    else
      f(Frame<Real, 3, is_mapped>(grid, metric));
  });
}

}  // namespace understudy::solvers::moist
