// Channels from ranks' boxes of cells to other boxes (private to surrogates/): between the blocks of a grid and those
// of a network whose blocks begin elsewhere, or the whole on rank 0. Only what changes ranks is sent. Through host
// memory.
#pragma once

#include <vector>

#include "mesh/box_exchange.hpp"
#include "surrogates/fields/state_packing.hpp"
#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

/// Every rank's cells, by rank: [begin, end) of the whole's along x, y, z (or panel).
using Boxes = std::vector<mesh::Range3>;
Boxes boxes_of(const mesh::Grid& grid);
Boxes boxes_of(const NetworkBlocks& blocks);
/// All of the grid's cells on rank 0.
Boxes boxes_on_root(const mesh::Grid& grid);

class BlockMoves {
 public:
  /// Where one rank has all cells, run() frees what it took for its transfers: that rank holds whole fields already.
  BlockMoves(const core::Comm& comm, const Boxes& from, const Boxes& to, int channels);
  /// [channel, k, j, i] of this rank's boxes; a rank whose box is empty may give any. Collective.
  void run(const Channels& from, const Channels& to);
  /// What one run() sends from here to other ranks.
  long long messages() const { return exchange_.messages(); }
  long long bytes() const { return exchange_.bytes(); }

 private:
  mesh::BoxExchange<float> exchange_;
  bool receives_;  ///< else `to` of run() is left alone
  bool whole_;     ///< one rank has all cells, before or after
};

}  // namespace understudy::surrogates
