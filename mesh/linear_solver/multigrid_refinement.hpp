// What multigrid in single precision needs to reach tolerances below its own round-off: the solution as the
// sum of two single-precision numbers, and its residual in double precision (iterative refinement, Moler
// 1967). A cycle then works on the correction alone, whose round-off is relative to the correction.
//
// The residual is formed from differences of neighbours,
//     r_0 = b + shift - (alpha + walls) x_0 + sum_m w_m (x_m - x_0),
// so that a constant part of x, which may be large, cancels before anything is multiplied: `walls` is what
// Dirichlet sides add to the diagonal.
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/linear_solver/multigrid_kernels.hpp"

namespace understudy::mesh::detail {

/// r = b - A (x + low) on the finest level, in double precision, stored in single; returns the sum of its
/// squares. A null `low` counts as zero.
template <int dimension, bool variable, bool with_low>
struct RefinedResidual {
  Stencil<float> s;
  double shift;  ///< added to b
  const float *x, *low, *b;
  float* r;

  /// One axis' weights towards the lower and the upper neighbour, and the diagonal's surplus over them.
  struct Weights {
    double lower = 0, upper = 0, wall_lower = 0, wall_upper = 0;
    KOKKOS_FORCEINLINE_FUNCTION Weights(const Stencil<float>& s, const int axis, const int at)
        : lower(s.lower[axis][at]),
          upper(s.upper[axis][at]),
          wall_lower(double(s.diagonal_lower[axis][at]) - lower),
          wall_upper(double(s.diagonal_upper[axis][at]) - upper) {}
  };

  KOKKOS_FORCEINLINE_FUNCTION double value(const long n) const {
    if constexpr (with_low) return double(x[n]) + double(low[n]);
    return x[n];
  }

  /// w (x_m - x_0) of both neighbours `step` away, less the wall's share.
  KOKKOS_FORCEINLINE_FUNCTION double along(const Weights& w, const int axis, const long n,
                                           const long step, const double here) const {
    double beta_lower = 1, beta_upper = 1;
    if constexpr (variable) {
      beta_lower = s.beta[axis][n];
      beta_upper = s.beta[axis][n + step];
    }
    return beta_lower * (w.lower * (value(n - step) - here) - w.wall_lower * here) +
           beta_upper * (w.upper * (value(n + step) - here) - w.wall_upper * here);
  }

  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const long at = k * s.plane + j * s.row;
    const Weights y(s, 1, j), z(s, 2, dimension == 3 ? k : 0);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) {
      const long n = at + i;
      const double here = value(n);
      double rest = b[n] + shift - double(s.alpha) * here + along(Weights(s, 0, i), 0, n, 1, here) +
                    along(y, 1, n, s.row, here);
      if constexpr (dimension == 3) rest += along(z, 2, n, s.plane, here);
      r[n] = static_cast<float>(rest);
      sum += rest * rest;
    }
    return sum;
  }
};

/// x + low += e.
struct AddCorrection {
  Array3<float> x, low, e;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    float *high = &x(k, j, 0), *rest = &low(k, j, 0);
    const float* add = &e(k, j, 0);
    independent(begin, end, [=](const int i) {
      const double sum = double(high[i]) + (double(rest[i]) + double(add[i]));
      high[i] = static_cast<float>(sum);
      rest[i] = static_cast<float>(sum - double(high[i]));
    });
  }
};

/// x = x + low + factor times a sum that the device has, rounded once.
struct Join {
  Array3<float> x, low;
  Kokkos::View<const double, Memory> sum;
  double factor;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    float* high = &x(k, j, 0);
    const float* rest = &low(k, j, 0);
    const double add = factor * sum();
    independent(begin, end, [=](const int i) {
      high[i] = static_cast<float>(double(high[i]) + (double(rest[i]) + add));
    });
  }
};

}  // namespace understudy::mesh::detail
