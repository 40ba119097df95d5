// The loops of nested grids (nested_grids.hpp), private to it: stencils along an axis, and the divergence that they
// leave inside coarse cells taken away. Where factor and axis are known when this is compiled, rows are vectorised;
// a device calls cell by cell.
#pragma once

#include <array>

#include "mesh/loops.hpp"
#include "mesh/nested_grids.hpp"

namespace understudy::mesh::nested {

/// f(a) for 0 <= a < n, as one vector where n fills one.
template <int n, class F>
KOKKOS_FORCEINLINE_FUNCTION void for_vector(const F& f) {
  if constexpr (n >= 4) {
#ifdef _OPENMP
#pragma omp simd
#endif
    for (int a = 0; a < n; ++a) f(a);
  } else {
    for (int a = 0; a < n; ++a) f(a);
  }
}

/// Points of `to` are sums over `taps` points of `from` along `axis`, each point along it with weights of its own;
/// `to` lies `shift` further along all axes. Over fine points along `axis`.
template <class Real, int axis, int taps>
struct StencilsAlong {
  Array3<Real> from, to;
  NestedStencils<Real> s;
  std::array<int, 3> shift;

  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    if constexpr (axis == 0) {
      for (int i = begin; i < end; ++i) {
        const int start = s.first(i);
        Real sum = 0;
        for (int t = 0; t < taps; ++t) sum += s.weight(i, t) * from(k, j, start + t);
        to(k + shift[2], j + shift[1], i + shift[0]) = sum;
      }
    } else {
      const int o = axis == 1 ? j : k, start = s.first(o);
      const Real* tap[taps];
      Real weight[taps];
      for (int t = 0; t < taps; ++t) {
        tap[t] = axis == 1 ? &from(k, start + t, 0) : &from(start + t, j, 0);
        weight[t] = s.weight(o, t);
      }
      Real* out = &to(k + shift[2], j + shift[1], 0) + shift[0];
      independent(begin, end, [=](const int i) {
        Real sum = 0;
        for (int t = 0; t < taps; ++t) sum += weight[t] * tap[t][i];
        out[i] = sum;
      });
    }
  }
};

/// The same along x for coarse cells whose stencils lie alike: fine point factor I + a has weight[a] of the coarse
/// points I + offset and on. Over coarse cells along x.
template <class Real, int factor, int taps>
struct SameStencilsAlongX {
  Array3<Real> from, to;
  int offset;
  std::array<int, 3> shift;
  Real weight[factor][taps];

  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const Real* KOKKOS_RESTRICT in = &from(k, j, 0) + offset;
    Real* KOKKOS_RESTRICT out = &to(k + shift[2], j + shift[1], 0) + shift[0];
    Real w[taps][factor];  // the points of a cell are a vector
    for (int a = 0; a < factor; ++a)
      for (int t = 0; t < taps; ++t) w[t][a] = weight[a][t];
    for (int I = begin; I < end; ++I) {
      Real sum[factor];
      for (int a = 0; a < factor; ++a) sum[a] = w[0][a] * in[I];
      for (int t = 1; t < taps; ++t)
        for (int a = 0; a < factor; ++a) sum[a] += w[t][a] * in[I + t];
      for (int a = 0; a < factor; ++a) out[I * factor + a] = sum[a];
    }
  }
};

/// The divergence of a fine velocity inside each coarse cell, taken away by the gradient of a potential in that cell
/// alone (nested_grids.hpp). `factor` along all axes: the cell's values along x are a vector. Over coarse cells,
/// counted from 0.
template <class Real, int dimension, int factor>
struct LocalProjection {
  static constexpr int rows = dimension == 3 ? factor * factor : factor;
  using Cell = Real[rows][factor];

  Array3<Real> u[3];
  int ghosts[3] = {0, 0, 0};
  Real inv_h[3] = {0, 0, 0};
  Real mode[factor][factor];     ///< [wave number][cell], orthonormal cosines
  Real by_cell[factor][factor];  ///< [cell][wave number]
  Real eigenvalue[3][factor]{};  ///< of minus the second difference, 1/m2

  KOKKOS_INLINE_FUNCTION void row(int K, int J, int begin, int end) const {
    for (int I = begin; I < end; ++I) {
      Cell d;
      take_divergence(K, J, I, d);
      solve(d);
      take_gradient(K, J, I, d);
    }
  }

 private:
  /// Row n (z first) of the fine values of a coarse cell, or the one `up` along an axis from it.
  KOKKOS_INLINE_FUNCTION Real* at(int axis, int K, int J, int I, int n, int up = 0) const {
    const int c = dimension == 3 ? n / factor : 0, b = n % factor;
    const int k = ghosts[2] + K * (dimension == 3 ? factor : 1) + c + (up == 2);
    const int j = ghosts[1] + J * factor + b + (up == 1);
    return &u[axis](k, j, ghosts[0] + I * factor);
  }

  KOKKOS_INLINE_FUNCTION void take_divergence(int K, int J, int I, Cell& d) const {
    for (int n = 0; n < rows; ++n) {
      const Real *x = at(0, K, J, I, n), *y = at(1, K, J, I, n), *above = at(1, K, J, I, n, 1);
      for (int a = 0; a < factor; ++a)
        d[n][a] = (x[a + 1] - x[a]) * inv_h[0] + (above[a] - y[a]) * inv_h[1];
      if constexpr (dimension == 3) {
        const Real *z = at(2, K, J, I, n), *over = at(2, K, J, I, n, 2);
        for (int a = 0; a < factor; ++a) d[n][a] += (over[a] - z[a]) * inv_h[2];
      }
    }
  }

  // To the coefficients of the cosines along x, or back: rows times `matrix`, [from][to].
  KOKKOS_INLINE_FUNCTION static void transform_x(Cell& d, const Real (&matrix)[factor][factor]) {
    for (int n = 0; n < rows; ++n) {
      Real made[factor] = {};
      for (int p = 0; p < factor; ++p)
        for_vector<factor>([&](const int m) { made[m] += d[n][p] * matrix[p][m]; });
      for (int m = 0; m < factor; ++m) d[n][m] = made[m];
    }
  }

  // The same along y (step 1 row) or z: `matrix` [to][from] times rows that lie `step` apart.
  template <int step>
  KOKKOS_INLINE_FUNCTION static void transform(Cell& d, const Real (&matrix)[factor][factor]) {
    for (int r = 0; r < rows / factor; ++r) {
      const int start = step == 1 ? r * factor : r;
      Real made[factor][factor] = {};
      for (int m = 0; m < factor; ++m)
        for (int p = 0; p < factor; ++p)
          for_vector<factor>(
              [&](const int a) { made[m][a] += matrix[m][p] * d[start + p * step][a]; });
      for (int m = 0; m < factor; ++m)
        for (int a = 0; a < factor; ++a) d[start + m * step][a] = made[m][a];
    }
  }

  KOKKOS_INLINE_FUNCTION void solve(Cell& d) const {
    transform_x(d, by_cell);
    transform<1>(d, mode);
    if constexpr (dimension == 3) transform<factor>(d, mode);
    for (int n = 0; n < rows; ++n) {
      const Real across =
          eigenvalue[1][n % factor] + (dimension == 3 ? eigenvalue[2][n / factor] : Real(0));
      for (int a = 0; a < factor; ++a) {
        const Real sum = eigenvalue[0][a] + across;
        d[n][a] = sum > 0 ? -d[n][a] / sum : Real(0);
      }
    }
    transform_x(d, mode);
    transform<1>(d, by_cell);
    if constexpr (dimension == 3) transform<factor>(d, by_cell);
  }

  KOKKOS_INLINE_FUNCTION void take_gradient(int K, int J, int I, const Cell& d) const {
    for (int n = 0; n < rows; ++n) {
      Real* x = at(0, K, J, I, n);
      for (int a = 1; a < factor; ++a) x[a] -= (d[n][a] - d[n][a - 1]) * inv_h[0];
      if (n % factor > 0) {
        Real* y = at(1, K, J, I, n);
        for (int a = 0; a < factor; ++a) y[a] -= (d[n][a] - d[n - 1][a]) * inv_h[1];
      }
      if constexpr (dimension == 3)
        if (n >= factor) {
          Real* z = at(2, K, J, I, n);
          for (int a = 0; a < factor; ++a) z[a] -= (d[n][a] - d[n - factor][a]) * inv_h[2];
        }
    }
  }
};

/// The same where factors differ, or are none of those that rows are compiled for; at most `most` along an axis.
template <class Real, int dimension>
struct AnyLocalProjection {
  static constexpr int most = NestedGrids<Real>::most;
  static constexpr int cells = dimension == 2 ? most * most : most * most * most;
  Array3<Real> u[3];
  int f[3] = {1, 1, 1}, ghosts[3] = {0, 0, 0};
  Real inv_h[3] = {0, 0, 0};
  Real mode[3][most][most];    ///< [axis][wave number][cell], orthonormal cosines
  Real eigenvalue[3][most]{};  ///< of minus the second difference, 1/m2

  KOKKOS_INLINE_FUNCTION int at(int c, int b, int a) const { return (c * f[1] + b) * f[0] + a; }

  // To the coefficients of the cosines along an axis, or back.
  KOKKOS_INLINE_FUNCTION void transform(Real* d, int axis, bool back) const {
    const int n = f[axis], step = axis == 0 ? 1 : axis == 1 ? f[0] : f[0] * f[1];
    const int rows = f[0] * f[1] * f[2] / n;
    for (int r = 0; r < rows; ++r) {
      const int start = (r / step) * step * n + r % step;
      Real row[most];
      for (int m = 0; m < n; ++m) {
        Real sum = 0;
        for (int p = 0; p < n; ++p)
          sum += (back ? mode[axis][p][m] : mode[axis][m][p]) * d[start + p * step];
        row[m] = sum;
      }
      for (int m = 0; m < n; ++m) d[start + m * step] = row[m];
    }
  }

  KOKKOS_INLINE_FUNCTION void operator()(int K, int J, int I) const {
    const int k = ghosts[2] + K * f[2], j = ghosts[1] + J * f[1], i = ghosts[0] + I * f[0];
    Real d[cells] = {};
    for (int c = 0; c < f[2]; ++c)
      for (int b = 0; b < f[1]; ++b)
        for (int a = 0; a < f[0]; ++a) {
          Real sum = (u[0](k + c, j + b, i + a + 1) - u[0](k + c, j + b, i + a)) * inv_h[0] +
                     (u[1](k + c, j + b + 1, i + a) - u[1](k + c, j + b, i + a)) * inv_h[1];
          if constexpr (dimension == 3)
            sum += (u[2](k + c + 1, j + b, i + a) - u[2](k + c, j + b, i + a)) * inv_h[2];
          d[at(c, b, a)] = sum;
        }
    for (int axis = 0; axis < dimension; ++axis) transform(d, axis, false);
    for (int c = 0; c < f[2]; ++c)
      for (int b = 0; b < f[1]; ++b)
        for (int a = 0; a < f[0]; ++a) {
          const Real sum = eigenvalue[0][a] + eigenvalue[1][b] + eigenvalue[2][c];
          d[at(c, b, a)] = sum > 0 ? -d[at(c, b, a)] / sum : Real(0);
        }
    for (int axis = 0; axis < dimension; ++axis) transform(d, axis, true);
    for (int c = 0; c < f[2]; ++c)
      for (int b = 0; b < f[1]; ++b)
        for (int a = 0; a < f[0]; ++a) {
          const Real here = d[at(c, b, a)];
          if (a > 0) u[0](k + c, j + b, i + a) -= (here - d[at(c, b, a - 1)]) * inv_h[0];
          if (b > 0) u[1](k + c, j + b, i + a) -= (here - d[at(c, b - 1, a)]) * inv_h[1];
          if constexpr (dimension == 3)
            if (c > 0) u[2](k + c, j + b, i + a) -= (here - d[at(c - 1, b, a)]) * inv_h[2];
        }
  }
};

/// Means over boxes of `count` fine points that begin every `step` of them. The indices of both arrays begin at
/// `fine_begin` and `begin`. Over coarse points.
template <class Real>
struct MeansOver {
  Array3<Real> fine, coarse;
  int begin[3], fine_begin[3], step[3], count[3];
  Real part;

  KOKKOS_INLINE_FUNCTION void operator()(int k, int j, int i) const {
    const int kk = fine_begin[2] + (k - begin[2]) * step[2],
              jj = fine_begin[1] + (j - begin[1]) * step[1],
              ii = fine_begin[0] + (i - begin[0]) * step[0];
    Real sum = 0;
    for (int c = 0; c < count[2]; ++c)
      for (int b = 0; b < count[1]; ++b)
        for (int a = 0; a < count[0]; ++a) sum += fine(kk + c, jj + b, ii + a);
    coarse(k, j, i) = sum * part;
  }
};

}  // namespace understudy::mesh::nested
