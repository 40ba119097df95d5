// The one vocabulary of loops. `for_cells`, `sum_cells` and `max_cells` apply f(k, j, i) to a box of
// indices: on the CPU, rows over threads with a vectorised inner loop over i; on a GPU, a
// multi-dimensional range (mesh/device_loops.hpp). f must be callable on the device (KOKKOS_LAMBDA or a functor) and its
// iterations independent: the inner loop is compiled on that promise. Kernels run in Exec; nothing
// here fences (a reduction's result is complete when it returns).
//
// `for_rows`, `sum_rows` and `max_rows` are the same for functors of plain pointers in hot loops:
//  - each row works on its own copy of the functor. As a member it might be changed by what it writes,
//    for all that the compiler knows, and would be loaded anew at every cell;
//  - or the functor has the inner loop in its own hands (restrict pointers, row buffers): its member
//    row(k, j, begin, end) does the cells begin <= i < end. A device calls it cell by cell;
//  - on the CPU small boxes run in place: starting the threads would cost more.
//
// Rows are functions of their own, never inlined: Kokkos's serial and parallel loops would each hold a
// copy of the vectorised kernel, and the compiler would work on both.
#pragma once

#include <Kokkos_Core.hpp>
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

#include "mesh/array.hpp"
#include "mesh/device_loops.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

/// Loops go by rows of the host, and not cell by cell as a device takes them. A build may take the
/// device's ways on the host, so that they are tested without one.
#ifdef UNDERSTUDY_DEVICE_LOOPS
inline constexpr bool on_host = false;
#else
inline constexpr bool on_host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, Memory>::accessible;
#endif

/// f(i) for begin <= i < end, vectorised on the promise that the iterations do not depend on each other:
/// the inner loop of kernels that have it in their own hands. On the host and on a device.
template <class Index, class F>
KOKKOS_FORCEINLINE_FUNCTION void independent(const Index begin,
                                             const std::type_identity_t<Index> end, const F& f) {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#elif defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#endif
  for (Index i = begin; i < end; ++i) f(i);
}

namespace detail {

/// call(f, i) for begin <= i < end, as independent(); on a copy of f, or on f itself.
template <bool copy, class F, class Call>
[[gnu::noinline]] void vectorised_row(const F& f, const Call call, const int begin, const int end) {
  const std::conditional_t<copy, F, const F&> local = f;
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#elif defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#endif
  for (int i = begin; i < end; ++i) call(local, i);
}

struct CallAt {
  int k, j;
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const F& f, const int i) const {
    f(k, j, i);
  }
};

template <class F>
struct Row {
  F f;
  Range3 r;
  int rows_j;
  void operator()(const int row) const {
    const CallAt here{r.begin[2] + row / rows_j, r.begin[1] + row % rows_j};
    vectorised_row<false>(f, here, r.begin[0], r.end[0]);
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

template <class Value, bool is_max, class F>
Value reduce_cells(const std::string& name, const Range3& r, const F& f) {
  Value result = is_max ? Kokkos::reduction_identity<Value>::max() : Value(0);
  if (r.count() <= 0) return result;
  using Result = std::conditional_t<is_max, Kokkos::Max<Value>, Kokkos::Sum<Value>>;
  if constexpr (on_host) {
    Kokkos::parallel_reduce(name, Kokkos::RangePolicy<Exec>(0, r.size(1) * r.size(2)),
                            RowReduce<F, Value, is_max>{f, r, r.size(1)}, Result(result));
  } else {
    device_reduce(name, r, PointReduce<F, Value, is_max>{f}, Result(result));
  }
  return result;
}

inline constexpr long long few_cells = 8192;

inline int host_threads() {
  static const int threads = Exec().concurrency();
  return threads;
}

template <class F>
concept RowFunctor = requires(const F& f) { f.row(0, 0, 0, 0); };

/// Rows of a box by their number.
template <class F>
struct Rows {
  F f;
  Range3 r;
  int rows_j;
  [[gnu::noinline]] void run(const int first, const int end) const {
    for (int n = first; n < end; ++n) {
      const int k = r.begin[2] + n / rows_j, j = r.begin[1] + n % rows_j;
      if constexpr (RowFunctor<F>)
        f.row(k, j, r.begin[0], r.end[0]);
      else
        vectorised_row<true>(f, CallAt{k, j}, r.begin[0], r.end[0]);
    }
  }
  void operator()(const int n) const { run(n, n + 1); }
};

/// What rows of f are summed in: a type of its own that f returns, or double.
template <class F>
using RowSum =
    std::conditional_t<std::is_arithmetic_v<decltype(std::declval<const F&>().row(0, 0, 0, 0))>,
                       double, decltype(std::declval<const F&>().row(0, 0, 0, 0))>;

template <class F>
struct RowSums {
  F f;
  Range3 r;
  int rows_j;
  [[gnu::noinline]] void run(const int first, const int end, RowSum<F>& sum) const {
    for (int n = first; n < end; ++n)
      sum += f.row(r.begin[2] + n / rows_j, r.begin[1] + n % rows_j, r.begin[0], r.end[0]);
  }
  void operator()(const int n, RowSum<F>& sum) const { run(n, n + 1, sum); }
};

template <class Real, class F>
struct RowMaxima {
  F f;
  Range3 r;
  int rows_j;
  static constexpr int lanes = 64 / sizeof(Real) * 2;
  [[gnu::noinline]] void run(const int first, const int end, double& result) const {
    for (int n = first; n < end; ++n) row(r.begin[2] + n / rows_j, r.begin[1] + n % rows_j, result);
  }
  void row(const int k, const int j, double& result) const {
    const F local = f;
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
  void operator()(const int n, double& result) const { run(n, n + 1, result); }
};

inline bool in_place(const Range3& r) { return host_threads() == 1 || r.count() <= few_cells; }

}  // namespace detail

template <class F>
void for_cells(const std::string& name, const Range3& r, const F& f) {
  if (r.count() <= 0) return;
  if constexpr (on_host) {
    Kokkos::parallel_for(name, Kokkos::RangePolicy<Exec>(0, r.size(1) * r.size(2)),
                         detail::Row<F>{f, r, r.size(1)});
  } else {
    detail::device_for(name, r, f);
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

/// f(k, j, i), or f.row(k, j, begin, end) for whole rows, over the box.
template <class F>
void for_rows(const char* name, const Range3& r, const F& f) {
  if (r.count() <= 0) return;
  if constexpr (on_host) {
    const detail::Rows<F> rows{f, r, r.size(1)};
    const int count = r.size(1) * r.size(2);
    if (detail::in_place(r))
      rows.run(0, count);
    else
      Kokkos::parallel_for(name, Kokkos::RangePolicy<Exec>(0, count), rows);
  } else if constexpr (detail::RowFunctor<F>) {
    detail::device_for(name, r, detail::CellOfRow<F>{f});
  } else {
    detail::device_for(name, r, f);
  }
}

/// Sum over the box on this rank of what f.row(k, j, begin, end) returns: in double, or in a type of its own
/// with += whose default is zero.
template <class F>
auto sum_rows(const char* name, const Range3& r, const F& f) {
  detail::RowSum<F> sum{};
  if (r.count() <= 0) return sum;
  if constexpr (on_host) {
    const detail::RowSums<F> rows{f, r, r.size(1)};
    const int count = r.size(1) * r.size(2);
    if (detail::in_place(r))
      rows.run(0, count, sum);
    else
      Kokkos::parallel_reduce(name, Kokkos::RangePolicy<Exec>(0, count), rows, sum);
  } else {
    detail::device_reduce(name, r, detail::CellOfRow<F>{f}, sum);
  }
  return sum;
}

/// The same into `result`, where kernels read it: nothing waits.
template <class F>
void sum_rows_into(const char* name, const Range3& r, const F& f,
                   const Kokkos::View<double, Memory>& result) {
  if constexpr (on_host)
    result() = sum_rows(name, r, f);
  else
    detail::device_reduce(name, r, detail::CellOfRow<F>{f}, result);
}

/// Largest f(k, j, i) >= 0 over the box on this rank, in several lanes of Real; 0 for an empty box, and
/// NaN does not count.
template <class Real, class F>
double max_rows(const char* name, const Range3& r, const F& f) {
  double result = 0;
  if (r.count() <= 0) return result;
  if constexpr (on_host) {
    const detail::RowMaxima<Real, F> rows{f, r, r.size(1)};
    const int count = r.size(1) * r.size(2);
    if (detail::in_place(r))
      rows.run(0, count, result);
    else
      Kokkos::parallel_reduce(name, Kokkos::RangePolicy<Exec>(0, count), rows,
                              Kokkos::Max<double>(result));
  } else {
    result = max_cells(name, r, f);
  }
  return result > 0 ? result : 0;
}

}  // namespace understudy::mesh
