// Another machine as the few numbers that a plan takes of it, and what was measured here as it would be there: an
// extrapolation. A simulation's time is taken for bytes at the memory bandwidth of STREAM's triad, a network's for
// operations at the rate of a matrix product; messages between nodes are added by latency and bandwidth of the network,
// those within a node are taken to be in the measured time. Not in it:
// what a GPU takes to launch kernels, ranks that wait for one another, a file system that others use, caches of
// another size.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/simulation/plan/study_rates.hpp"
#include "core/params.hpp"

namespace understudy::apps {

/// A node. Numbers are of all of it together.
struct Machine {
  std::string name, source;       ///< where the numbers come from
  int ranks = 1;                  ///< that a node takes
  int cores = 1;                  ///< that it is counted as in core-hours
  double memory_gb = 1;           ///< in which fields and networks lie
  double bandwidth_gb_s = 1;      ///< of STREAM's triad, or of the data sheet
  double peak_gflop_s = 1;        ///< single precision
  double network_latency_us = 1;  ///< of a message from node to node
  double network_gb_s = 1;        ///< that a node sends
  double disk_gb_s = 1;           ///< that a node writes
  void describe(core::ParamVisitor& v);
};

/// UserError naming file, line and key.
Machine read_machine(const std::filesystem::path& path);

/// What this machine reached beside the pilot, a rank.
struct MeasuredHere {
  double bandwidth_b_s = 0;  ///< all ranks of the pilot at work
  double flop_s = 0;         ///< as training works: training.threads
};

/// The largest block of cells of so many ranks.
struct BlockSize {
  double cells = 0;    ///< ghosts beside its cuts included
  double surface = 0;  ///< cells of its faces on cuts
  double cuts = 0;     ///< those faces
};
/// UserError where so many ranks find no room.
BlockSize block_of(const std::vector<long long>& cells, int ranks);

/// Of what a rank sends across its cuts, what passes from node to node where ranks fill nodes one after another, x
/// fastest.
struct Leaving {
  double messages = 0;  ///< share of the rank with most
  double bytes = 0;     ///< of all ranks of the node with most, in parts of what one rank sends
};
Leaving leaving_node(const std::vector<long long>& cells, int ranks, int ranks_of_node);

/// The pilot, on several ranks, gathered the network's field on `grid`, and so many ranks call it on blocks: what they
/// send there was not counted.
bool network_messages_missing(const CallRates& call, const std::vector<long long>& grid, int ranks);

/// Rates of the pilot as they would be on other ranks: of a simulation by the cells of its largest block, messages by
/// its surface; of a network's calls and the calibration by the block that it is called on, where it serves blocks.
/// `machine`: null on machines like this one, where messages are in the time already.
struct Elsewhere {
  const Machine* machine = nullptr;
  MeasuredHere here;
  int ranks = 1;       ///< of runs and comparisons
  int ranks_each = 1;  ///< of a member
};
StudyRates rates_elsewhere(const StudyRates& measured, const Elsewhere& there);

}  // namespace understudy::apps
