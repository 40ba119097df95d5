// The loops of nested grids (nested_grids.hpp), private to it: stencils along an axis, and the divergence that they
// leave inside coarse cells taken away. Where factor and axis are known when this is compiled, rows are vectorised;
// a device calls cell by cell.
#pragma once

#include <array>

#include "mesh/loops.hpp"
#include "mesh/nested_grids.hpp"

namespace understudy::mesh::nested {

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
    const Real* in = &from(k, j, 0) + offset;
    Real* out = &to(k + shift[2], j + shift[1], 0) + shift[0];
    Real w[factor][taps];
    for (int a = 0; a < factor; ++a)
      for (int t = 0; t < taps; ++t) w[a][t] = weight[a][t];
    independent(begin, end, [=](const int I) {
      for (int a = 0; a < factor; ++a) {
        Real sum = 0;
        for (int t = 0; t < taps; ++t) sum += w[a][t] * in[I + t];
        out[I * factor + a] = sum;
      }
    });
  }
};

/// The divergence of a fine velocity inside each coarse cell, taken away by the gradient of a potential in that cell
/// alone (nested_grids.hpp). `factor` along all axes. Over coarse cells, counted from 0; on the host `lanes` of them
/// at once, as vectors.
template <class Real, int dimension, int factor>
struct LocalProjection {
  static constexpr int lanes = 8, rows = dimension == 3 ? factor * factor : factor;

  Array3<Real> u[3];
  int ghosts[3] = {0, 0, 0};
  Real inv_h[3] = {0, 0, 0};
  Real mode[factor][factor];     ///< [wave number][cell], orthonormal cosines
  Real eigenvalue[3][factor]{};  ///< of minus the second difference, 1/m2

  KOKKOS_INLINE_FUNCTION void row(int K, int J, int begin, int end) const {
    int I = begin;
    for (; I + lanes <= end; I += lanes) block<lanes>(K, J, I);
    for (; I < end; ++I) block<1>(K, J, I);
  }

 private:
  /// A row of fine values of coarse cells from I on, row n of the cell's (z first).
  KOKKOS_INLINE_FUNCTION Real* at(int axis, int K, int J, int I, int n, int up = 0) const {
    const int c = dimension == 3 ? n / factor : 0, b = n % factor;
    const int k = ghosts[2] + K * (dimension == 3 ? factor : 1) + c + (up == 2);
    const int j = ghosts[1] + J * factor + b + (up == 1);
    return &u[axis](k, j, ghosts[0] + I * factor);
  }

  template <int wide>
  using Cells = Real[rows][factor][wide];

  template <int wide>
  KOKKOS_INLINE_FUNCTION void take_divergence(int K, int J, int I, Cells<wide>& d) const {
    for (int n = 0; n < rows; ++n) {
      const Real *x = at(0, K, J, I, n), *y = at(1, K, J, I, n), *above = at(1, K, J, I, n, 1);
      Real line[factor * wide];
      for (int p = 0; p < factor * wide; ++p)
        line[p] = (x[p + 1] - x[p]) * inv_h[0] + (above[p] - y[p]) * inv_h[1];
      if constexpr (dimension == 3) {
        const Real *z = at(2, K, J, I, n), *over = at(2, K, J, I, n, 2);
        for (int p = 0; p < factor * wide; ++p) line[p] += (over[p] - z[p]) * inv_h[2];
      }
      for (int a = 0; a < factor; ++a)
        for (int l = 0; l < wide; ++l) d[n][a][l] = line[l * factor + a];
    }
  }

  // To the coefficients of the cosines along an axis, or back: values `step` apart, of [rows * factor].
  template <int axis, bool back, int wide>
  KOKKOS_INLINE_FUNCTION void transform(Real (*d)[wide]) const {
    constexpr int step = axis == 0 ? 1 : axis == 1 ? factor : factor * factor;
    for (int r = 0; r < rows; ++r) {
      Real(*line)[wide] = d + (r / step) * step * factor + r % step;
      Real made[factor][wide];
      for (int m = 0; m < factor; ++m) {
        for (int l = 0; l < wide; ++l) made[m][l] = 0;
        for (int p = 0; p < factor; ++p) {
          const Real w = back ? mode[p][m] : mode[m][p];
          for (int l = 0; l < wide; ++l) made[m][l] += w * line[p * step][l];
        }
      }
      for (int m = 0; m < factor; ++m)
        for (int l = 0; l < wide; ++l) line[m * step][l] = made[m][l];
    }
  }

  template <int wide>
  KOKKOS_INLINE_FUNCTION void solve(Cells<wide>& d) const {
    Real(*all)[wide] = &d[0][0];
    transform<0, false, wide>(all);
    transform<1, false, wide>(all);
    if constexpr (dimension == 3) transform<2, false, wide>(all);
    for (int n = 0; n < rows; ++n)
      for (int a = 0; a < factor; ++a) {
        const Real sum = eigenvalue[0][a] + eigenvalue[1][n % factor] +
                         (dimension == 3 ? eigenvalue[2][n / factor] : Real(0));
        const Real part = sum > 0 ? Real(-1) / sum : Real(0);
        for (int l = 0; l < wide; ++l) d[n][a][l] *= part;
      }
    transform<0, true, wide>(all);
    transform<1, true, wide>(all);
    if constexpr (dimension == 3) transform<2, true, wide>(all);
  }

  template <int wide>
  KOKKOS_INLINE_FUNCTION void take_gradient(int K, int J, int I, const Cells<wide>& d) const {
    Real line[rows][factor * wide];
    for (int n = 0; n < rows; ++n)
      for (int a = 0; a < factor; ++a)
        for (int l = 0; l < wide; ++l) line[n][l * factor + a] = d[n][a][l];
    for (int n = 0; n < rows; ++n) {
      Real *x = at(0, K, J, I, n), *y = at(1, K, J, I, n);
      for (int l = 0; l < wide; ++l)
        for (int a = 1; a < factor; ++a) {
          const int p = l * factor + a;
          x[p] -= (line[n][p] - line[n][p - 1]) * inv_h[0];
        }
      if (n % factor > 0)
        for (int p = 0; p < factor * wide; ++p) y[p] -= (line[n][p] - line[n - 1][p]) * inv_h[1];
      if constexpr (dimension == 3)
        if (n >= factor) {
          Real* z = at(2, K, J, I, n);
          for (int p = 0; p < factor * wide; ++p)
            z[p] -= (line[n][p] - line[n - factor][p]) * inv_h[2];
        }
    }
  }

  template <int wide>
  KOKKOS_INLINE_FUNCTION void block(int K, int J, int I) const {
    Cells<wide> d;
    take_divergence<wide>(K, J, I, d);
    solve<wide>(d);
    take_gradient<wide>(K, J, I, d);
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
