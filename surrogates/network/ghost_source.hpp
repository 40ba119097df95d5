// What a ghost cell copies, by the kind of its side: the same for tensors, blocks and exported graphs.
#pragma once

#include "surrogates/network/side_kind.hpp"

namespace understudy::surrogates {

/// Among the n + 2 rows of an axis with one ghost at each end (0 and n + 1; 1 to n are its cells): the row that a side's
/// ghost copies; -1: none, the ghost is 0. An axis of one cell is replicated where it would be mirrored. `goes_on`: of
/// a block with a neighbour across the axis' other side, whose cell is in that side's ghost already: a mirror in a
/// block of one cell looks into it.
inline long long ghost_source(SideKind kind, bool upper, long long n, bool goes_on = false) {
  switch (kind) {
    case SideKind::periodic:
      return upper ? 1 : n;
    case SideKind::wall:
      if (n == 1 && !goes_on) return 1;
      return upper ? n - 1 : 2;
    case SideKind::open:
      return upper ? n : 1;
    case SideKind::inflow:
    case SideKind::joint:  // of panels: torch_cube_padding.hpp
      break;
  }
  return -1;
}

}  // namespace understudy::surrogates
