// The point work of multigrid on one level: alpha x - div beta grad x on a tensor grid, as rows
// (mesh/loops.hpp). Per axis, with cell width h_i and centre distance d_{i-1/2}:
//     lower_i = beta_{i-1/2} / (h_i d_{i-1/2})    upper_i = beta_{i+1/2} / (h_i d_{i+1/2})
// Towards a Neumann side both vanish; towards a Dirichlet side the neighbour's weight vanishes and
// the diagonal keeps 2 beta / h_i^2 (x = 0 on the face). So the stencil needs no boundary ghosts.
//
// Red-black Gauss-Seidel updates whole rows with a weight that is zero on the other colour:
// contiguous vector work at the price of idle lanes, which the memory traffic hides.
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/loops.hpp"

namespace understudy::mesh::detail {

/// One level's coefficients, plain pointers; axis arrays are indexed like the fields, ghosts
/// included.
template <class Real>
struct Stencil {
  long row = 0, plane = 0;  ///< strides of j and k in every field of the level
  Real alpha = 0;
  Real shift = 0;  ///< added to b: minus its mean where the problem is singular (finest level)
  const Real *lower[3] = {}, *upper[3] = {};                    ///< weights of the neighbours
  const Real *diagonal_lower[3] = {}, *diagonal_upper[3] = {};  ///< what they add to the diagonal
  const Real* diagonal[3] = {};                                 ///< the sum of both (uniform beta)
  const Real* beta[3] = {};    ///< lower faces of cells; null: uniform
  const Real* colour[2] = {};  ///< relaxation on every other cell, else 0
  int parity = 0;              ///< colour of local cell (0, 0, 0)
};

/// One row of the operator: neighbours' sum and diagonal of cell i.
template <class Real, int dimension, bool variable>
struct StencilRow {
  const Real *x, *lx, *ux, *dx, *dlx, *dux;
  const Real *bx, *by, *bz;
  long row, plane;
  Real ly, uy, lz = 0, uz = 0, d, dly = 0, duy = 0, dlz = 0, duz = 0;

  KOKKOS_INLINE_FUNCTION StencilRow(const Stencil<Real>& s, const Real* field, int k, int j)
      : row(s.row), plane(s.plane) {
    const long at = k * s.plane + j * s.row;
    x = field + at;
    lx = s.lower[0];
    ux = s.upper[0];
    dx = s.diagonal[0];
    dlx = s.diagonal_lower[0];
    dux = s.diagonal_upper[0];
    ly = s.lower[1][j];
    uy = s.upper[1][j];
    d = s.alpha;
    bx = by = bz = nullptr;
    if constexpr (variable) {
      bx = s.beta[0] + at;
      by = s.beta[1] + at;
      dly = s.diagonal_lower[1][j];
      duy = s.diagonal_upper[1][j];
    } else {
      d += s.diagonal[1][j];
    }
    if constexpr (dimension == 3) {
      lz = s.lower[2][k];
      uz = s.upper[2][k];
      if constexpr (variable) {
        bz = s.beta[2] + at;
        dlz = s.diagonal_lower[2][k];
        duz = s.diagonal_upper[2][k];
      } else {
        d += s.diagonal[2][k];
      }
    }
  }

  KOKKOS_INLINE_FUNCTION Real neighbours(int i) const {
    if constexpr (variable) {
      Real sum = lx[i] * bx[i] * x[i - 1] + ux[i] * bx[i + 1] * x[i + 1] + ly * by[i] * x[i - row] +
                 uy * by[i + row] * x[i + row];
      if constexpr (dimension == 3)
        sum += lz * bz[i] * x[i - plane] + uz * bz[i + plane] * x[i + plane];
      return sum;
    } else {
      Real sum = lx[i] * x[i - 1] + ux[i] * x[i + 1] + ly * x[i - row] + uy * x[i + row];
      if constexpr (dimension == 3) sum += lz * x[i - plane] + uz * x[i + plane];
      return sum;
    }
  }

  KOKKOS_INLINE_FUNCTION Real diagonal(int i) const {
    if constexpr (variable) {
      Real sum = d + dlx[i] * bx[i] + dux[i] * bx[i + 1] + dly * by[i] + duy * by[i + row];
      if constexpr (dimension == 3) sum += dlz * bz[i] + duz * bz[i + plane];
      return sum;
    } else {
      return dx[i] + d;
    }
  }
};

/// One colour of a Gauss-Seidel sweep. `from_zero`: x is taken as zero and written everywhere.
template <class Real, int dimension, bool variable, bool from_zero>
struct Relax {
  Stencil<Real> s;
  Real* x;
  const Real* b;
  int colour;
  static constexpr int chunk = 256;

  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const StencilRow<Real, dimension, variable> line(s, x, k, j);
    const long at = k * s.plane + j * s.row;
    Real* out = x + at;
    const Real* right = b + at;
    const Real* weight = s.colour[(colour + s.parity + j + k) & 1];
    const Real shift = s.shift;
    if constexpr (from_zero) {
      independent(begin, end,
                  [&](const int i) { out[i] = weight[i] * (right[i] + shift) / line.diagonal(i); });
    } else if constexpr (on_host) {
      // Into a buffer first: a vector load of x_{i-1} must not follow the store of the vector
      // before it, which it overlaps (the processor would wait for that store to reach the cache).
      Real fresh[chunk];
      for (int first = begin; first < end; first += chunk) {
        const int count = end - first < chunk ? end - first : chunk;
        for (int n = 0; n < count; ++n) {
          const int i = first + n;
          fresh[n] =
              out[i] +
              weight[i] * ((right[i] + shift + line.neighbours(i)) / line.diagonal(i) - out[i]);
        }
        for (int n = 0; n < count; ++n) out[first + n] = fresh[n];
      }
    } else {
      for (int i = begin; i < end; ++i)
        if (weight[i] != 0)
          out[i] +=
              weight[i] * ((right[i] + shift + line.neighbours(i)) / line.diagonal(i) - out[i]);
    }
  }
};

/// r = b - A x; returns the sum of its squares. A null `r` only measures.
template <class Real, int dimension, bool variable>
struct Residual {
  Stencil<Real> s;
  const Real* x;
  const Real* b;
  Real* r;

  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const StencilRow<Real, dimension, variable> line(s, x, k, j);
    const long at = k * s.plane + j * s.row;
    const Real* right = b + at;
    const Real shift = s.shift;
    double sum = 0;
    if (r != nullptr) {
      Real* out = r + at;
#pragma omp simd reduction(+ : sum)
      for (int i = begin; i < end; ++i) {
        out[i] = right[i] + shift - line.diagonal(i) * line.x[i] + line.neighbours(i);
        sum += static_cast<double>(out[i]) * out[i];
      }
    } else {
#pragma omp simd reduction(+ : sum)
      for (int i = begin; i < end; ++i) {
        const Real value = right[i] + shift - line.diagonal(i) * line.x[i] + line.neighbours(i);
        sum += static_cast<double>(value) * value;
      }
    }
    return sum;
  }
};

/// y = A x; returns the sum of x y.
template <class Real, int dimension, bool variable>
struct Apply {
  Stencil<Real> s;
  const Real* x;
  Real* y;

  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const StencilRow<Real, dimension, variable> line(s, x, k, j);
    Real* out = y + k * s.plane + j * s.row;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) {
      out[i] = line.diagonal(i) * line.x[i] - line.neighbours(i);
      sum += static_cast<double>(out[i]) * line.x[i];
    }
    return sum;
  }
};

}  // namespace understudy::mesh::detail
