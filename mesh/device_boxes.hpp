// Several boxes of cells in one launch on a device, where a launch costs more than the cells: ghost layers
// of all sides, absorbing layers. Cells are numbered, in 32 bits where that suffices, and each thread finds
// its own.
#pragma once

#include <Kokkos_Core.hpp>
#include <limits>
#include <string>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh::detail {

/// Boxes that one launch walks one after another; empty ones are left out.
struct BoxList {
  static constexpr int most = 12;
  int count = 0;
  int of[most] = {};  ///< what a box belongs to, as the kernel is told
  int begin[most][3] = {}, size[most][3] = {};
  long long first[most + 1] = {};  ///< number of a box's first cell; then the number of all

  long long cells() const { return first[count]; }
  void add(const int owner, const Range3& r) {
    if (r.size(0) <= 0 || r.size(1) <= 0 || r.size(2) <= 0) return;
    of[count] = owner;
    for (int a = 0; a < 3; ++a) {
      begin[count][a] = r.begin[a];
      size[count][a] = r.size(a);
    }
    first[count + 1] = first[count] + r.count();
    ++count;
  }
};

/// f(k, j, i, of, copy) for the cell of a number.
template <class Number, class F>
struct CellOfBoxes {
  F f;
  BoxList boxes;
  Number cells;  ///< of one copy
  KOKKOS_INLINE_FUNCTION void operator()(const Number number) const {
    const int copy = number < cells ? 0 : int(number / cells);
    Number n = number - copy * cells;
    int box = 0;
    while (n >= Number(boxes.first[box + 1])) ++box;
    n -= Number(boxes.first[box]);
    const int size_i = boxes.size[box][0], size_j = boxes.size[box][1];
    const Number row = n / size_i;
    const int* begin = boxes.begin[box];
    f(begin[2] + int(row / size_j), begin[1] + int(row % size_j), begin[0] + int(n - row * size_i),
      boxes.of[box], copy);
  }
};

template <class Number, class F>
void number_boxes(const std::string& name, const BoxList& boxes, const int copies, const F& f) {
  const auto cells = static_cast<Number>(boxes.cells());
  Kokkos::parallel_for(name,
                       Kokkos::RangePolicy<Exec, Kokkos::IndexType<Number>>(0, cells * copies),
                       CellOfBoxes<Number, F>{f, boxes, cells});
}

/// f(k, j, i, of, copy) for each cell of the boxes, `copies` times over; the boxes of a list may overlap
/// where f allows it.
template <class F>
void device_for_boxes(const std::string& name, const BoxList& boxes, const int copies, const F& f) {
  if (boxes.cells() * copies <= std::numeric_limits<int>::max())
    number_boxes<int>(name, boxes, copies, f);
  else
    number_boxes<long long>(name, boxes, copies, f);
}

}  // namespace understudy::mesh::detail
