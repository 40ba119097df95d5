// The one vocabulary of loops. `for_cells`, `sum_cells` and `max_cells` apply f(k, j, i) to a box of
// indices: on the CPU, rows over threads with a vectorised inner loop over i; on a GPU, a
// multi-dimensional range. f must be callable on the device (KOKKOS_LAMBDA or a functor) and its
// iterations independent: the inner loop is compiled on that promise. Kernels run in Exec; nothing
// here fences (a reduction's result is complete when it returns).
#pragma once

#include <Kokkos_Core.hpp>
#include <string>
#include <type_traits>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

inline constexpr bool on_host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, Memory>::accessible;

namespace detail {

template <class F>
struct Row {
  F f;
  Range3 r;
  int rows_j;
  KOKKOS_INLINE_FUNCTION void operator()(const int row) const {
    const int k = r.begin[2] + row / rows_j, j = r.begin[1] + row % rows_j;
    const int begin = r.begin[0], end = r.end[0];
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#elif defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#endif
    for (int i = begin; i < end; ++i) f(k, j, i);
  }
};

template <class F, class Value, bool is_max>
struct RowReduce {
  F f;
  Range3 r;
  int rows_j;
  KOKKOS_INLINE_FUNCTION void operator()(const int row, Value& result) const {
    const int k = r.begin[2] + row / rows_j, j = r.begin[1] + row % rows_j;
    Value mine = is_max ? Kokkos::reduction_identity<Value>::max() : Value(0);
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const Value v = f(k, j, i);
      if constexpr (is_max)
        mine = v > mine ? v : mine;
      else
        mine += v;
    }
    if constexpr (is_max)
      result = mine > result ? mine : result;
    else
      result += mine;
  }
};

template <class F, class Value, bool is_max>
struct PointReduce {
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i,
                                         Value& result) const {
    const Value v = f(k, j, i);
    if constexpr (is_max)
      result = v > result ? v : result;
    else
      result += v;
  }
};

inline Kokkos::MDRangePolicy<Exec, Kokkos::Rank<3, Kokkos::Iterate::Right, Kokkos::Iterate::Right>>
md_range(const Range3& r) {
  return {{r.begin[2], r.begin[1], r.begin[0]}, {r.end[2], r.end[1], r.end[0]}};
}

template <class Value, bool is_max, class F>
Value reduce_cells(const std::string& name, const Range3& r, const F& f) {
  Value result = is_max ? Kokkos::reduction_identity<Value>::max() : Value(0);
  if (r.count() <= 0) return result;
  using Result = std::conditional_t<is_max, Kokkos::Max<Value>, Kokkos::Sum<Value>>;
  if constexpr (on_host) {
    Kokkos::parallel_reduce(name, Kokkos::RangePolicy<Exec>(0, r.size(1) * r.size(2)),
                            RowReduce<F, Value, is_max>{f, r, r.size(1)}, Result(result));
  } else {
    Kokkos::parallel_reduce(name, md_range(r), PointReduce<F, Value, is_max>{f}, Result(result));
  }
  return result;
}

}  // namespace detail

template <class F>
void for_cells(const std::string& name, const Range3& r, const F& f) {
  if (r.count() <= 0) return;
  if constexpr (on_host) {
    Kokkos::parallel_for(name, Kokkos::RangePolicy<Exec>(0, r.size(1) * r.size(2)),
                         detail::Row<F>{f, r, r.size(1)});
  } else {
    Kokkos::parallel_for(name, detail::md_range(r), f);
  }
}

/// Sum over the box on this rank, accumulated in double.
template <class F>
double sum_cells(const std::string& name, const Range3& r, const F& f) {
  return detail::reduce_cells<double, false>(name, r, f);
}

/// Largest value over the box on this rank; minus infinity for an empty box.
template <class F>
double max_cells(const std::string& name, const Range3& r, const F& f) {
  return detail::reduce_cells<double, true>(name, r, f);
}

}  // namespace understudy::mesh
