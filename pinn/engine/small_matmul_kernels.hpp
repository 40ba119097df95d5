// The register blocks of small_matmul.hpp, by the width of their vectors. Every element of C is the same sum
// in the same order whatever the width. Private to small_matmul.cpp; its test takes every width.
#pragma once

#include <algorithm>
#include <cstring>

#include "pinn/engine/small_matmul.hpp"

namespace understudy::pinn::small_matmul {

#if defined(__GNUC__) && !defined(__CUDACC__)
inline constexpr bool has_vectors = true;
#else
inline constexpr bool has_vectors = false;
#endif

// Of the processor that is compiled for.
#if defined(__AVX512F__)
inline constexpr int processor_bytes = 64;
#elif defined(__AVX__)
inline constexpr int processor_bytes = 32;
#else
inline constexpr int processor_bytes = 16;
#endif

// Sums, a row of B and an element of A fill the registers: 32 with AVX-512, else 16.
inline constexpr int block_rows = 6;
template <int bytes>
inline constexpr int block_vectors = bytes == 64 ? 4 : 2;
// Of the summed axis: its part of B stays in the first-level cache beside the block of A.
inline constexpr long long inner_block = 64;

template <class Real, int bytes>
inline constexpr int lanes = bytes / int(sizeof(Real));

#if defined(__GNUC__) && !defined(__CUDACC__)
template <class Real, int bytes>
using Vector [[gnu::vector_size(bytes)]] = Real;

/// A block of R rows and V vectors of columns of C, over `inner` terms. Vectors are loaded and stored in
/// place: as arguments they would change the ABI where the processor has narrower ones.
template <class Real, int bytes, int R, int V>
void block(const SmallProduct<Real>& p, const Real* a, const Real* b, Real* c, long long inner,
           bool add) {
  constexpr int n = lanes<Real, bytes>;
  Vector<Real, bytes> sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      sum[r][v] = Vector<Real, bytes>{};
      if (add) std::memcpy(&sum[r][v], c + r * p.columns + v * n, bytes);
    }
  for (long long k = 0; k < inner; ++k) {
    Vector<Real, bytes> row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) std::memcpy(&row[v], b + k * p.columns + v * n, bytes);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Real x = a[r * p.a_row + k * p.a_inner];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[r][v] += x * row[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) std::memcpy(c + r * p.columns + v * n, &sum[r][v], bytes);
}

template <class Real, int bytes, int V>
void rows_of(const SmallProduct<Real>& p, long long column, long long first, long long inner) {
  const bool add = p.add || first > 0;
  const Real* b = p.b + first * p.columns + column;
  long long r = 0;
  const auto a = [&] { return p.a + r * p.a_row + first * p.a_inner; };
  const auto c = [&] { return p.c + r * p.columns + column; };
  for (; r + block_rows <= p.rows; r += block_rows)
    block<Real, bytes, block_rows, V>(p, a(), b, c(), inner, add);
  for (; r + 2 <= p.rows; r += 2) block<Real, bytes, 2, V>(p, a(), b, c(), inner, add);
  for (; r < p.rows; ++r) block<Real, bytes, 1, V>(p, a(), b, c(), inner, add);
}

/// multiply() with vectors of `bytes`; the columns fill whole ones.
template <int bytes, class Real>
void multiply_by(const SmallProduct<Real>& p) {
  constexpr int n = lanes<Real, bytes>, vectors = block_vectors<bytes>;
  for (long long first = 0; first < p.inner; first += inner_block) {
    const long long inner = std::min(inner_block, p.inner - first);
    long long column = 0;
    for (; column + vectors * n <= p.columns; column += vectors * n)
      rows_of<Real, bytes, vectors>(p, column, first, inner);
    for (; column < p.columns; column += n) rows_of<Real, bytes, 1>(p, column, first, inner);
  }
}
#else
template <int bytes, class Real>
void multiply_by(const SmallProduct<Real>&) = delete;
#endif

}  // namespace understudy::pinn::small_matmul
