#include "pinn/engine/small_product.hpp"

#include <algorithm>
#include <cstring>

namespace understudy::pinn {

namespace {

constexpr int vector_bytes = 64;
constexpr int block_rows = 6, block_vectors = 4;
// Of the summed axis: its part of B stays in the first-level cache beside the block of A.
constexpr long long inner_block = 64;

template <class Real>
constexpr int lanes = vector_bytes / int(sizeof(Real));

#if defined(__GNUC__) && !defined(__CUDACC__)
template <class Real>
using Vector [[gnu::vector_size(vector_bytes)]] = Real;

template <class Real>
inline Vector<Real> load(const Real* from) {
  Vector<Real> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class Real>
inline void store(Real* to, Vector<Real> v) {
  std::memcpy(to, &v, sizeof v);
}
inline constexpr bool has_vectors = true;
#else
inline constexpr bool has_vectors = false;
#endif

// A block of R rows and V vectors of columns of C, over `inner` terms.
template <class Real, int R, int V>
void block([[maybe_unused]] const SmallProduct<Real>& p, [[maybe_unused]] const Real* a,
           [[maybe_unused]] const Real* b, [[maybe_unused]] Real* c,
           [[maybe_unused]] long long inner, [[maybe_unused]] bool add) {
#if defined(__GNUC__) && !defined(__CUDACC__)
  Vector<Real> sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
      sum[r][v] = add ? load(c + r * p.columns + v * lanes<Real>) : Vector<Real>{};
  for (long long k = 0; k < inner; ++k) {
    Vector<Real> row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) row[v] = load(b + k * p.columns + v * lanes<Real>);
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
    for (int v = 0; v < V; ++v) store<Real>(c + r * p.columns + v * lanes<Real>, sum[r][v]);
#endif
}

template <class Real, int V>
void rows_of(const SmallProduct<Real>& p, long long column, long long first, long long inner) {
  const bool add = p.add || first > 0;
  const Real* b = p.b + first * p.columns + column;
  long long r = 0;
  const auto a = [&] { return p.a + r * p.a_row + first * p.a_inner; };
  const auto c = [&] { return p.c + r * p.columns + column; };
  for (; r + block_rows <= p.rows; r += block_rows)
    block<Real, block_rows, V>(p, a(), b, c(), inner, add);
  for (; r + 2 <= p.rows; r += 2) block<Real, 2, V>(p, a(), b, c(), inner, add);
  for (; r < p.rows; ++r) block<Real, 1, V>(p, a(), b, c(), inner, add);
}

}  // namespace

template <class Real>
bool is_small(const SmallProduct<Real>& p) {
  // Measured beside the library's (benchmarks/pinn_engine).
  return has_vectors && p.columns % lanes<Real> == 0 && p.columns <= 128 &&
         std::min(p.rows, p.inner) <= 128;
}

template <class Real>
void multiply(const SmallProduct<Real>& p) {
  for (long long first = 0; first < p.inner; first += inner_block) {
    const long long inner = std::min(inner_block, p.inner - first);
    long long column = 0;
    constexpr long long whole = block_vectors * lanes<Real>;
    for (; column + whole <= p.columns; column += whole)
      rows_of<Real, block_vectors>(p, column, first, inner);
    for (; column < p.columns; column += lanes<Real>) rows_of<Real, 1>(p, column, first, inner);
  }
}

template bool is_small(const SmallProduct<float>&);
template bool is_small(const SmallProduct<double>&);
template void multiply(const SmallProduct<float>&);
template void multiply(const SmallProduct<double>&);

}  // namespace understudy::pinn
