// Sums over cells in which each counts for what it measures (m3; m2 in 2-D). In a uniform grid all cells
// count alike, and the constant factor is left out: it cancels in relative norms and means, and the sums are
// bitwise those of sum_cells.
#pragma once

#include <string>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

struct CellMeasure {
  double of_all = 1;               ///< m3 (m2 in 2-D): of every cell, where `of_each` is empty
  Array3<const double> of_each{};  ///< [k, j, i], ghosts included; empty in a uniform grid
  bool uniform() const { return of_each.size() == 0; }
};

namespace detail {

template <class F>
struct Weighed {
  F f;
  Array3<const double> weight;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    return weight(k, j, i) * f(k, j, i);
  }
};

}  // namespace detail

/// Sum over this rank's interior cells of f(k, j, i) times the cell's weight: its measure, or 1 in a uniform
/// grid. f as for sum_cells.
template <class F>
double sum_weighed_cells(const std::string& name, const Grid& grid, const F& f) {
  const CellMeasure measure = grid.cell_measure();
  if (measure.uniform()) return sum_cells(name, grid.interior(), f);
  return sum_cells(name, grid.interior(), detail::Weighed<F>{f, measure.of_each});
}

/// The weights of all cells of all ranks together: what a sum of weighed cells is divided by for a mean.
/// Collective.
double weight_of_cells(const Grid& grid);

}  // namespace understudy::mesh
