// Coefficients of central finite differences on a uniform grid (Fornberg 1988), for spatial orders 2, 4, 8;
// radius R = order / 2. With h = 1:
//   second    d2u/dx2 (i)     = c_0 u_i + sum_m c_m (u_{i+m} + u_{i-m})
//   first     du/dx (i)       = sum_m c_m (u_{i+m} - u_{i-m})
//   staggered du/dx (i - 1/2) = sum_m c_m (u_{i+m-1} - u_{i-m}),  m = 1 ... R (Levander 1988 for order 4)
// second is symmetric, first antisymmetric, and the staggered derivative from points to half points is
// minus the transpose of the one back: what the adjoint equations rest on.
#pragma once

#include <array>
#include <type_traits>

namespace understudy::solvers::seismic {

template <int R>
struct Differences;

template <>
struct Differences<1> {
  static constexpr std::array<double, 2> second{-2, 1};
  static constexpr std::array<double, 2> first{0, 1.0 / 2};
  static constexpr std::array<double, 2> staggered{0, 1};
};
template <>
struct Differences<2> {
  static constexpr std::array<double, 3> second{-5.0 / 2, 4.0 / 3, -1.0 / 12};
  static constexpr std::array<double, 3> first{0, 2.0 / 3, -1.0 / 12};
  static constexpr std::array<double, 3> staggered{0, 9.0 / 8, -1.0 / 24};
};
template <>
struct Differences<4> {
  static constexpr std::array<double, 5> second{-205.0 / 72, 8.0 / 5, -1.0 / 5, 8.0 / 315,
                                                -1.0 / 560};
  static constexpr std::array<double, 5> first{0, 4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
  static constexpr std::array<double, 5> staggered{0, 1225.0 / 1024, -245.0 / 3072, 49.0 / 5120,
                                                   -5.0 / 7168};
};

/// Largest magnitude of the second difference's symbol times h^2 (at the grid's shortest wave).
template <int R>
constexpr double second_difference_norm() {
  double norm = -Differences<R>::second[0];
  for (int m = 1; m <= R; ++m) norm += Differences<R>::second[m] * (m % 2 ? 2 : -2);
  return norm;
}

/// Sum of the magnitudes of the staggered difference's coefficients: half its largest symbol times h.
template <int R>
constexpr double staggered_difference_norm() {
  double norm = 0;
  for (int m = 1; m <= R; ++m) norm += Differences<R>::staggered[m] * (m % 2 ? 1 : -1);
  return norm;
}

/// f(std::integral_constant<int, R>) with R = order / 2.
template <class F>
decltype(auto) with_radius(int order, F&& f) {
  if (order == 2) return f(std::integral_constant<int, 1>{});
  if (order == 4) return f(std::integral_constant<int, 2>{});
  return f(std::integral_constant<int, 4>{});
}

}  // namespace understudy::solvers::seismic
