// How the cells of a grid are shared out over ranks, as Grid does it, without a communicator.
#pragma once

#include <array>
#include <vector>

namespace understudy::mesh {

/// First cell of each of `blocks` blocks of an axis, and the end.
std::vector<int> block_starts(int cells, int blocks);

/// Blocks per axis with the least area of cuts, each of at least `ghosts` cells along every axis that is cut;
/// zeros where so many ranks find no room.
std::array<int, 3> split_of_ranks(const std::array<int, 3>& cells, int ranks, int ghosts);

/// The largest number of ranks up to `limit` that find room.
int most_ranks(const std::array<int, 3>& cells, int limit, int ghosts);

}  // namespace understudy::mesh
