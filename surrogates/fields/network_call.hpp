// One call of a network on the channels of a grid's blocks, wherever it takes place (private to surrogates/):
//   one rank   on the whole grid
//   blocks     on all ranks together, each on its own block (network_blocks.hpp): no rank holds more. Where the
//              network wants its blocks to begin at multiples of some number of cells, and the grid's do not,
//              the cells between change hands before the call and after it
//   gathered   on rank 0, which holds the whole field: for networks that serve no blocks
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "surrogates/fields/block_moves.hpp"
#include "surrogates/fields/state_packing.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

/// Where a network is called, and why there.
struct CallPlace {
  std::string on = "one rank";  ///< one rank, blocks, gathered
  std::string reason;
};

class NetworkCall {
 public:
  /// `asked`: auto, blocks or gathered; UserError where blocks are asked for and do not serve. Collective.
  NetworkCall(std::shared_ptr<const mesh::Grid> grid, std::shared_ptr<Network> network,
              const SideKinds& sides, const std::string& asked);

  const CallPlace& place() const { return place_; }
  /// Those of the call; null: it takes place on one rank.
  const NetworkBlocks* blocks() const { return blocks_ ? &*blocks_ : nullptr; }
  /// Along x, (y, (z or panel)), where this rank calls the network.
  const std::vector<long long>& cells() const { return cells_; }

  /// [channel, k, j, i] of this rank's block of the grid.
  const Channels& input() const { return local_input_; }
  const Channels& output() const { return local_output_; }

  /// The three parts of a call, one after the other. Collective.
  void bring_input();
  void call() const;
  void bring_output();

  /// What this rank sent in the last call on blocks.
  BlockTraffic traffic() const { return traffic_; }

 private:
  void choose_place(const SideKinds& sides, const std::string& asked);
  void gather(const std::string& reason);
  void make_channels();
  void prepare() const;
  void move(BlockMoves& moves, const Channels& from, const Channels& to);
  template <class View>
  void infer(const View& from, const View& to) const;

  std::shared_ptr<const mesh::Grid> grid_;
  std::shared_ptr<Network> network_;
  CallPlace place_;
  std::optional<NetworkBlocks> blocks_;
  BlockTraffic traffic_, traffic_before_;
  std::vector<long long> cells_;
  Boxes boxes_;  ///< of the call, where they are others than the grid's; empty: they are those
  std::optional<BlockMoves> there_, back_;  ///< between the grid's boxes and those
  Channels local_input_, local_output_;
  Channels input_, output_;                ///< of the call: the same where nothing is moved
  HostChannels host_input_, host_output_;  ///< mirrors of those: themselves on the host
};

}  // namespace understudy::surrogates
