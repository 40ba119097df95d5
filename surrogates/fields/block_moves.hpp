// Channels between the blocks of a grid and those of a network whose blocks begin elsewhere (private to
// surrogates/): only the cells between change ranks. Through host memory.
#pragma once

#include <memory>

#include "surrogates/fields/state_packing.hpp"
#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

class BlockMoves {
 public:
  /// Both cut every axis into as many blocks.
  BlockMoves(std::shared_ptr<const mesh::Grid> grid, const NetworkBlocks& blocks)
      : grid_(std::move(grid)), blocks_(blocks) {}
  /// [channel, k, j, i] of this rank's blocks. Collective.
  void to_network(const Channels& of_grid, const Channels& of_network) const;
  void to_grid(const Channels& of_network, const Channels& of_grid) const;

 private:
  void move(const Channels& from, const Channels& to, bool to_network) const;
  std::shared_ptr<const mesh::Grid> grid_;
  NetworkBlocks blocks_;
};

}  // namespace understudy::surrogates
