// The deck's keys of a box and its cells (grid.hpp).
#include <algorithm>

#include "core/format.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

void GridParams::describe(core::ParamVisitor& v) {
  v.integers("cells", cells, 0, {.at_least = 4, .at_most = 100000},
             "cells along x, y (2-D) or x, y, z (3-D)");
  v.require(cells.size() == 2 || cells.size() == 3, "cells",
            core::format("has {} entries; 2 make a plane, 3 a volume", cells.size()));
  v.reals("lower_m", lower_m, cells.size(), {}, "m", "lower corner of the box");
  v.reals("upper_m", upper_m, cells.size(), {}, "m", "upper corner of the box");
  for (std::size_t axis = 0; axis < std::min(lower_m.size(), upper_m.size()); ++axis)
    v.require(lower_m[axis] < upper_m[axis], "upper_m",
              core::format("is {} along {}, which must exceed lower_m there ({})", upper_m[axis],
                           "xyz"[axis % 3], lower_m[axis]));
  v.integers("ranks", ranks, 0, {.at_least = 1},
             "MPI ranks along each axis; empty: the split with the least communication");
  v.require(ranks.empty() || ranks.size() == cells.size(), "ranks",
            core::format("has {} entries; one per axis ({}) or none are wanted", ranks.size(),
                         cells.size()));
}

}  // namespace understudy::mesh
