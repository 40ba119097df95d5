// Loops over rows for kernels that want the inner loop over i in their own hands (restrict
// pointers, row buffers): a functor's member `row(k, j, begin, end)` does the cells begin <= i <
// end of one row. On the host it is called once a row; on a device once a cell (begin + 1 == end).
// Small boxes run in place, because starting the threads costs more than a coarse multigrid level.
#pragma once

#include "mesh/loops.hpp"

namespace understudy::mesh::detail {

inline constexpr long long few_cells = 8192;

/// A Range3 for kernels: std::array's members are host functions to nvcc.
struct DeviceRange {
  int begin[3], size[3];
  explicit DeviceRange(const Range3& r)
      : begin{r.begin[0], r.begin[1], r.begin[2]}, size{r.size(0), r.size(1), r.size(2)} {}
  /// Position in storage order of a buffer that holds the box.
  KOKKOS_INLINE_FUNCTION int at(int k, int j, int i) const {
    return ((k - begin[2]) * size[1] + j - begin[1]) * size[0] + i - begin[0];
  }
};

template <class F>
struct RowCall {
  F f;
  Range3 r;
  int rows_j;
  void operator()(const int n) const {
    f.row(r.begin[2] + n / rows_j, r.begin[1] + n % rows_j, r.begin[0], r.end[0]);
  }
};

template <class F>
struct PointCall {
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    f.row(k, j, i, i + 1);
  }
};

template <class F>
struct RowSum {
  F f;
  Range3 r;
  int rows_j;
  void operator()(const int n, double& sum) const {
    sum += f.row(r.begin[2] + n / rows_j, r.begin[1] + n % rows_j, r.begin[0], r.end[0]);
  }
};

template <class F>
struct PointSum {
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i, double& sum) const {
    sum += f.row(k, j, i, i + 1);
  }
};

inline int host_threads() {
  static const int threads = Exec().concurrency();
  return threads;
}

template <class F>
void for_rows(const char* name, const Range3& r, const F& f) {
  if (r.count() <= 0) return;
  if constexpr (on_host) {
    const RowCall<F> call{f, r, r.size(1)};
    const int rows = r.size(1) * r.size(2);
    if (host_threads() == 1 || r.count() <= few_cells) {
      for (int n = 0; n < rows; ++n) call(n);
    } else {
      Kokkos::parallel_for(name, Kokkos::RangePolicy<Exec>(0, rows), call);
    }
  } else {
    Kokkos::parallel_for(name, mesh::detail::md_range(r), PointCall<F>{f});
  }
}

/// Sum over the box of what row() returns (double), on this rank.
template <class F>
double sum_rows(const char* name, const Range3& r, const F& f) {
  double sum = 0;
  if (r.count() <= 0) return sum;
  if constexpr (on_host) {
    const RowSum<F> call{f, r, r.size(1)};
    const int rows = r.size(1) * r.size(2);
    if (host_threads() == 1 || r.count() <= few_cells) {
      for (int n = 0; n < rows; ++n) call(n, sum);
    } else {
      Kokkos::parallel_reduce(name, Kokkos::RangePolicy<Exec>(0, rows), call, sum);
    }
  } else {
    Kokkos::parallel_reduce(name, mesh::detail::md_range(r), PointSum<F>{f}, sum);
  }
  return sum;
}

}  // namespace understudy::mesh::detail
