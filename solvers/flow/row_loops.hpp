// Loops over boxes for the flow kernels, which write several arrays at once: as mesh/loops.hpp, but
// each row works on its own copy of the functor, so that the compiler knows that no store changes
// the functor's scalars and keeps them in registers; and a maximum over rows that vectorises.
#pragma once

#include "mesh/loops.hpp"

namespace understudy::solvers::flow {

template <class F>
struct LocalRow {
  F f;
  mesh::Range3 r;
  int rows_j;
  KOKKOS_INLINE_FUNCTION void operator()(const int row) const {
    const F local = f;
    const int k = r.begin[2] + row / rows_j, j = r.begin[1] + row % rows_j;
    const int begin = r.begin[0], end = r.end[0];
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#elif defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#endif
    for (int i = begin; i < end; ++i) local(k, j, i);
  }
};

/// f(k, j, i) for every index of the box; iterations must be independent.
template <class F>
void for_rows(const char* name, const mesh::Range3& r, const F& f) {
  if (r.count() <= 0) return;
  if constexpr (mesh::on_host) {
    Kokkos::parallel_for(name, Kokkos::RangePolicy<mesh::Exec>(0, r.size(1) * r.size(2)),
                         LocalRow<F>{f, r, r.size(1)});
  } else {
    mesh::for_cells(name, r, f);
  }
}

template <class Real, class F>
struct LocalRowMax {
  F f;
  mesh::Range3 r;
  int rows_j;
  static constexpr int lanes = 64 / sizeof(Real) * 2;
  void operator()(const int row, double& result) const {
    const F local = f;
    const int k = r.begin[2] + row / rows_j, j = r.begin[1] + row % rows_j;
    Real best[lanes];
    for (int lane = 0; lane < lanes; ++lane) best[lane] = 0;
    int i = r.begin[0];
    for (; i + lanes <= r.end[0]; i += lanes)
      for (int lane = 0; lane < lanes; ++lane) {
        const Real value = local(k, j, i + lane);
        best[lane] = value > best[lane] ? value : best[lane];
      }
    for (; i < r.end[0]; ++i) {
      const Real value = local(k, j, i);
      best[0] = value > best[0] ? value : best[0];
    }
    for (int lane = 0; lane < lanes; ++lane) result = best[lane] > result ? best[lane] : result;
  }
};

/// Largest f(k, j, i) >= 0 over the box on this rank; 0 for an empty box.
template <class Real, class F>
double max_rows(const char* name, const mesh::Range3& r, const F& f) {
  double result = 0;
  if (r.count() <= 0) return result;
  if constexpr (mesh::on_host) {
    Kokkos::parallel_reduce(name, Kokkos::RangePolicy<mesh::Exec>(0, r.size(1) * r.size(2)),
                            LocalRowMax<Real, F>{f, r, r.size(1)}, Kokkos::Max<double>(result));
  } else {
    result = mesh::max_cells(name, r, f);
  }
  return result > 0 ? result : 0;
}

}  // namespace understudy::solvers::flow
