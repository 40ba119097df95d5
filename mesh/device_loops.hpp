// How a device walks a box of cells: neighbouring threads take neighbouring cells of a row, so that a warp
// reads and writes whole lines of memory. A multi-dimensional range of Kokkos gives neighbouring threads the
// first index where it iterates left (where it iterates right only from 5.1 on, kokkos/kokkos#6071), so the
// range is one over (i, j, k) whatever the version. Its indices are of 32 bits: each of a box's are.
// Tried on a host, too, in builds with UNDERSTUDY_DEVICE_LOOPS.
#pragma once

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh::detail {

/// A kernel of (k, j, i) as one of (i, j, k).
template <class F>
struct Turned {
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(const int i, const int j, const int k) const {
    f(k, j, i);
  }
  template <class Value>
  KOKKOS_INLINE_FUNCTION void operator()(const int i, const int j, const int k,
                                         Value& result) const {
    f(k, j, i, result);
  }
};

/// A device's cell of a functor with rows.
template <class F>
struct CellOfRow {
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    f.row(k, j, i, i + 1);
  }
  template <class Sum>
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i, Sum& sum) const {
    sum += f.row(k, j, i, i + 1);
  }
};

using DeviceCells =
    Kokkos::MDRangePolicy<Exec, Kokkos::Rank<3, Kokkos::Iterate::Left, Kokkos::Iterate::Left>,
                          Kokkos::IndexType<int>>;

/// Cells along (i, j, k) of one block of threads, 256 in all: 32 x 4 x 2, 64 x 4 in a plane, and flatter
/// ones where the box has fewer cells along i (a ghost layer has one) or j.
inline std::array<int, 3> device_tile(const Range3& r) {
  constexpr int threads = 256, most_along_k = 64;
  auto fitting = [](const int size, const int most) {
    int tile = 1;
    while (tile < size && tile < most) tile *= 2;
    return tile;
  };
  const bool plane = r.size(2) == 1;
  const int i = fitting(r.size(0), plane ? 64 : 32);
  const int k = fitting(r.size(2), 2), j = fitting(r.size(1), threads / (i * k));
  return {i, j, fitting(r.size(2), std::min(most_along_k, threads / (i * j)))};
}

inline DeviceCells device_cells(const Range3& r) {
  const std::array<int, 3> tile = device_tile(r);
  return {{r.begin[0], r.begin[1], r.begin[2]},
          {r.end[0], r.end[1], r.end[2]},
          {tile[0], tile[1], tile[2]}};
}

/// f(k, j, i) over the box.
template <class F>
void device_for(const std::string& name, const Range3& r, const F& f) {
  Kokkos::parallel_for(name, device_cells(r), Turned<F>{f});
}

/// f(k, j, i, value) over the box, joined by `result`: a reducer, or the variable of a sum.
template <class F, class Result>
void device_reduce(const std::string& name, const Range3& r, const F& f, Result&& result) {
  Kokkos::parallel_reduce(name, device_cells(r), Turned<F>{f}, std::forward<Result>(result));
}

}  // namespace understudy::mesh::detail
