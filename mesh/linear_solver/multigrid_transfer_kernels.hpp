// The point work between two levels of multigrid, as rows (mesh/loops.hpp): the fine residual restricted
// to the coarse right-hand side, and the coarse correction interpolated to the fine level.
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/linear_solver/multigrid_kernels.hpp"

namespace understudy::mesh::detail {

/// How a fine level's cells lie in the coarse one's, per axis; arrays indexed like the fine fields.
template <class Real>
struct Transfer {
  int joined[3] = {};  ///< 1: two fine cells a coarse one
  int fine_ghosts[3] = {}, coarse_ghosts[3] = {}, fine_cells[3] = {};
  long coarse_row = 0, coarse_plane = 0;
  const Real* share[3] = {};  ///< fine width / coarse width
  const Real* outward[3] =
      {};  ///< interpolation weight of the next coarse cell (below an even fine
           ///< cell, above an odd one)
  /// Full weighting: weights of the fine cells from the one before a coarse cell's first to the one
  /// behind its last, `span` a coarse cell (ghosts counted), the transpose of interpolation. Null
  /// along axes that are not joined.
  const Real* weights[3] = {};
  static constexpr int span = 4;
  KOKKOS_INLINE_FUNCTION int coarse(int axis, int fine) const {
    return ((fine - fine_ghosts[axis]) >> joined[axis]) + coarse_ghosts[axis];
  }
  KOKKOS_INLINE_FUNCTION int next(int axis, int fine) const {
    return ((fine - fine_ghosts[axis]) & 1) != 0 ? 1 : -1;
  }
  KOKKOS_INLINE_FUNCTION int first_fine(int axis, int coarse) const {
    return ((coarse - coarse_ghosts[axis]) << joined[axis]) + fine_ghosts[axis];
  }
  KOKKOS_INLINE_FUNCTION int end_fine(int axis, int coarse) const {
    const int end = first_fine(axis, coarse) + 1 + joined[axis];
    const int last = fine_ghosts[axis] + fine_cells[axis];
    return end < last ? end : last;
  }
};

/// Coarse b = volume-weighted mean of the fine residual; a row of coarse cells. Returns the sum of
/// the squares of the fine residual.
template <class Real, int dimension, bool variable>
struct ResidualRestrict {
  Stencil<Real> s;
  Transfer<Real> t;
  const Real* x;
  const Real* b;
  Real* coarse_b;
  static constexpr int chunk = on_host ? 256 : 2;  ///< fine cells at once

  KOKKOS_INLINE_FUNCTION double row(int K, int J, int begin, int end) const {
    double sum = 0;
    const int step = chunk >> t.joined[0];
    for (int I = begin; I < end; I += step) sum += part(K, J, I, I + step < end ? I + step : end);
    return sum;
  }

  KOKKOS_INLINE_FUNCTION double part(int K, int J, int begin, int end) const {
    Real mean[chunk];
    const int first = t.first_fine(0, begin), count = t.end_fine(0, end - 1) - first;
    for (int n = 0; n < chunk; ++n) mean[n] = 0;
    double sum = 0;
    for (int k = t.first_fine(2, K); k < t.end_fine(2, K); ++k)
      for (int j = t.first_fine(1, J); j < t.end_fine(1, J); ++j) {
        const StencilRow<Real, dimension, variable> line(s, x, k, j);
        const Real* right = b + k * s.plane + j * s.row;
        const Real share = t.share[1][j] * t.share[2][k], shift = s.shift;
        Real squares = 0;
#pragma omp simd reduction(+ : squares)
        for (int n = 0; n < count; ++n) {
          const int i = first + n;
          const Real r = right[i] + shift - line.diagonal(i) * line.x[i] + line.neighbours(i);
          mean[n] += share * r;
          squares += r * r;
        }
        sum += squares;
      }
    Real* out = coarse_b + K * t.coarse_plane + J * t.coarse_row + begin;
    const Real* share = t.share[0] + first;
    if (t.joined[0] != 0) {
      independent(0, end - begin, [&](const int n) {
        out[n] = share[2 * n] * mean[2 * n] + share[2 * n + 1] * mean[2 * n + 1];
      });
    } else {
      independent(0, end - begin, [&](const int n) { out[n] = mean[n]; });
    }
    return sum;
  }
};

/// Coarse b = the fine residual r by full weighting along the joined axes; a row of coarse cells. One
/// ghost layer of r is valid.
template <class Real, int dimension>
struct FullWeighting {
  Transfer<Real> t;
  const Real* r;
  Real* coarse_b;
  long row_stride, plane_stride;
  static constexpr int chunk = on_host ? 128 : 1;  ///< coarse cells at once
  static constexpr int span = Transfer<Real>::span;

  KOKKOS_INLINE_FUNCTION void row(int K, int J, int begin, int end) const {
    for (int I = begin; I < end; I += chunk) part(K, J, I, I + chunk < end ? I + chunk : end);
  }

  // First fine cell that counts, and how many do.
  KOKKOS_INLINE_FUNCTION int first(int axis, int coarse) const {
    return t.first_fine(axis, coarse) - (t.weights[axis] != nullptr ? 1 : 0);
  }
  KOKKOS_INLINE_FUNCTION int end(int axis, int coarse) const {
    return t.end_fine(axis, coarse) + (t.weights[axis] != nullptr ? 1 : 0);
  }
  KOKKOS_INLINE_FUNCTION Real weight(int axis, int coarse, int n) const {
    return t.weights[axis] != nullptr ? t.weights[axis][span * coarse + n] : Real(1);
  }

  KOKKOS_INLINE_FUNCTION void part(int K, int J, int begin, int last) const {
    Real mean[2 * chunk + span];
    const int from = first(0, begin), count = end(0, last - 1) - from;
    for (int n = 0; n < 2 * chunk + span; ++n) mean[n] = 0;
    const int from_k = dimension == 3 ? first(2, K) : 0, from_j = first(1, J);
    const int end_k = dimension == 3 ? end(2, K) : 1, end_j = end(1, J);
    for (int k = from_k; k < end_k; ++k)
      for (int j = from_j; j < end_j; ++j) {
        const Real share =
            weight(1, J, j - from_j) * (dimension == 3 ? weight(2, K, k - from_k) : Real(1));
        if (share == 0) continue;
        const Real* line = r + k * plane_stride + j * row_stride + from;
        independent(0, count, [&](const int n) { mean[n] += share * line[n]; });
      }
    Real* out = coarse_b + K * t.coarse_plane + J * t.coarse_row + begin;
    if (t.weights[0] == nullptr) {
      independent(0, last - begin, [&](const int n) { out[n] = mean[n]; });
      return;
    }
    const Real* w = t.weights[0] + span * begin;
    for (int n = 0; n < last - begin; ++n) {
      Real sum = 0;
      for (int m = 0; m < span; ++m) sum += w[span * n + m] * mean[2 * n + m];
      out[n] = sum;
    }
  }
};

/// x += the coarse x, interpolated linearly per axis between cell centres; a row of fine cells.
template <class Real, int dimension>
struct Prolong {
  Transfer<Real> t;
  Real* x;
  const Real* coarse_x;
  long row_stride, plane_stride;
  static constexpr int chunk = 128;  ///< coarse cells at once on the host

  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const Real wy = t.outward[1][j], wz = dimension == 3 ? t.outward[2][k] : Real(0);
    const Real* c00 = coarse_x + t.coarse(2, k) * t.coarse_plane + t.coarse(1, j) * t.coarse_row;
    const Real* c01 = c00 + t.next(1, j) * t.coarse_row;
    const Real* c10 = dimension == 3 ? c00 + t.next(2, k) * t.coarse_plane : c00;
    const Real* c11 = c10 + (c01 - c00);
    const Real a00 = (1 - wz) * (1 - wy), a01 = (1 - wz) * wy, a10 = wz * (1 - wy), a11 = wz * wy;
    auto across = [&](int I) -> Real {
      Real value = a00 * c00[I] + a01 * c01[I];
      if constexpr (dimension == 3) value += a10 * c10[I] + a11 * c11[I];
      return value;
    };
    Real* out = x + k * plane_stride + j * row_stride;
    if constexpr (on_host) {
      if (t.joined[0] == 0) {
        const int shift = t.coarse_ghosts[0] - t.fine_ghosts[0];
        independent(begin, end, [&](const int i) { out[i] += across(i + shift); });
        return;
      }
      Real line[chunk + 2];
      for (int first = begin; first < end; first += 2 * chunk) {
        const int count = end - first < 2 * chunk ? end - first : 2 * chunk;
        const int I = t.coarse(0, first) - 1, coarse_count = (count + 1) / 2;
        for (int n = 0; n < coarse_count + 2; ++n) line[n] = across(I + n);
        const Real* w = t.outward[0] + first;
        Real* target = out + first;
        independent(0, count / 2, [&](const int n) {
          target[2 * n] += line[n + 1] + w[2 * n] * (line[n] - line[n + 1]);
          target[2 * n + 1] += line[n + 1] + w[2 * n + 1] * (line[n + 2] - line[n + 1]);
        });
        if (count % 2 != 0) {
          const int n = count / 2;
          target[2 * n] += line[n + 1] + w[2 * n] * (line[n] - line[n + 1]);
        }
      }
    } else {
      for (int i = begin; i < end; ++i) {
        const int I = t.coarse(0, i);
        const Real w = t.outward[0][i], here = across(I);
        out[i] += w == 0 ? here : here + w * (across(I + t.next(0, i)) - here);
      }
    }
  }
};

}  // namespace understudy::mesh::detail
