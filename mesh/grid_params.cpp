// The deck's keys of a box and its cells (grid.hpp).
#include <algorithm>

#include "core/format.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

namespace {

constexpr long long fewest_cells = 4;

// What to do about an axis of too few cells: one cell across is how many 2-D cases of 3-D programs are set.
std::string too_few(const std::vector<long long>& cells, std::size_t axis) {
  std::string text = core::format("is {} along {}, where at least {} are needed", cells[axis],
                                  "xyz"[axis % 3], fewest_cells);
  if (cells[axis] > 1 || cells.size() != 3) return text;
  return text + (axis == 2
                     ? "; a layer of one cell is a plane: give cells, lower_m, upper_m and all "
                       "points and vectors two values each, and leave the z sides out"
                     : "; a plane has the axes x and y: turn the case so that its single cell "
                       "lies along z, and leave z out");
}

}  // namespace

void GridParams::describe(core::ParamVisitor& v) {
  v.integers("cells", cells, 0, {.at_least = 1, .at_most = 100000},
             "cells along x, y (2-D) or x, y, z (3-D), at least 4 each");
  v.require(cells.size() == 2 || cells.size() == 3, "cells",
            core::format("has {} entries; 2 make a plane, 3 a volume", cells.size()));
  for (std::size_t axis = 0; axis < cells.size(); ++axis)
    v.require(cells[axis] >= fewest_cells, "cells", too_few(cells, axis));
  // Their numbers are conditions, not kinds: where the cells cannot be read, nothing is known of the axes.
  v.reals("lower_m", lower_m, 0, {}, "m", "lower corner of the box");
  v.reals("upper_m", upper_m, 0, {}, "m", "upper corner of the box");
  v.require(lower_m.size() == cells.size() && upper_m.size() == cells.size(), "cells",
            core::format("has {} entries, lower_m {} and upper_m {}; each must have one per axis",
                         cells.size(), lower_m.size(), upper_m.size()));
  for (std::size_t axis = 0; axis < std::min(lower_m.size(), upper_m.size()); ++axis)
    v.require(lower_m[axis] < upper_m[axis], "upper_m",
              core::format("is {} along {}, which must exceed lower_m there ({})", upper_m[axis],
                           "xyz"[axis % 3], lower_m[axis]));
  v.integers("ranks", ranks, 0, {.at_least = 1, .at_most = 1000000},
             "MPI ranks along each axis; empty: the split with the least communication");
  v.require(ranks.empty() || ranks.size() == cells.size(), "ranks",
            core::format("has {} entries; one per axis ({}) or none are wanted", ranks.size(),
                         cells.size()));
}

}  // namespace understudy::mesh
