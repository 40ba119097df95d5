// How a network's cells are shared out over ranks: every axis is cut into blocks, and each rank has one block
// of each. With it a network is called on all ranks together, each on its own block (torch_network.hpp:
// Architecture::forward_on_blocks), so that none holds a whole field.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "mesh/grid.hpp"
#include "surrogates/network/side_kind.hpp"

namespace understudy::surrogates {

/// What this rank has sent.
struct BlockTraffic {
  long long messages = 0;  ///< to single ranks
  long long sums = 0;      ///< over all ranks
  long long bytes = 0;     ///< of both
};
inline BlockTraffic operator-(const BlockTraffic& a, const BlockTraffic& b) {
  return {a.messages - b.messages, a.sums - b.sums, a.bytes - b.bytes};
}

class NetworkBlocks {
 public:
  /// `starts`: by axis (x, y, z), the first cell of each block, ascending from 0, and the number of cells.
  /// Ranks are in the order of blocks, x fastest. `sides`: of the whole (two an axis).
  NetworkBlocks(const core::Comm& comm, std::vector<std::vector<long long>> starts,
                const SideKinds& sides);

  const core::Comm& comm() const { return comm_; }
  int dimension() const { return static_cast<int>(starts_.size()); }
  int count(int axis) const { return static_cast<int>(starts_[axis].size()) - 1; }
  long long global_cells(int axis) const { return starts_[axis].back(); }
  long long offset(int axis) const { return starts_[axis][place_[axis]]; }
  long long cells(int axis) const { return starts_[axis][place_[axis] + 1] - offset(axis); }
  /// This block is the last along the axis: it ends where the whole does.
  bool is_last(int axis) const { return place_[axis] + 1 == count(axis); }
  /// The rank whose block lies across that side (numbered as SideKinds), round a periodic axis, too; -1:
  /// the side is one of the whole, or the axis has one block, whose ends face each other on this rank.
  int across(int side) const { return across_[side]; }
  /// First cell and cell past the last, by axis, of any rank's block.
  std::array<long long, 3> begin(int rank) const;
  std::array<long long, 3> end(int rank) const;
  /// They as a box.
  mesh::Range3 box(int rank) const;

  /// Counted by whatever sends; one for all copies.
  BlockTraffic& traffic() const { return *traffic_; }

 private:
  std::array<int, 3> place_of(int rank) const;
  core::Comm comm_;
  std::vector<std::vector<long long>> starts_;
  std::array<int, 3> place_;
  std::array<int, 6> across_{-1, -1, -1, -1, -1, -1};
  std::shared_ptr<BlockTraffic> traffic_ = std::make_shared<BlockTraffic>();
};

/// Starts of `blocks` blocks of `cells` cells that are multiples of `multiple`, as even as can be: the last
/// block alone may have a number of cells that is none. Empty where there are fewer multiples than blocks.
std::vector<long long> aligned_starts(long long cells, int blocks, long long multiple);

/// How many blocks along each axis (aligned_starts) so many are: the largest block has as few cells as can be, and of
/// such splits the cuts have; x is cut last. Empty where none fits.
std::vector<int> best_split(const std::vector<long long>& cells, int blocks, long long multiple);

/// Where blocks of a network of this kind (network.kind) begin, in words: "multiples of 8 cells (patch x 2^levels)".
std::string multiples_text(long long multiple, const std::string& kind);

/// Why `cells` cells along each axis cannot be cut into `blocks` blocks at multiples of `multiple`, of a network of
/// this kind: which axis, and which grid.ranks would do on as many ranks. Empty where they can.
std::string why_not_aligned(const std::vector<long long>& cells, const std::vector<int>& blocks,
                            long long multiple, const std::string& kind);

}  // namespace understudy::surrogates
