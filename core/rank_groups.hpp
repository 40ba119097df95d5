// Ranks shared out over tasks of one kind (shots, members of an ensemble), each of which several ranks may do
// together. Any number of ranks will do: where it does not divide, some are idle.
#pragma once

#include <functional>
#include <string>

namespace understudy::core {

/// Can so many ranks do one task together?
using RanksFit = std::function<bool(int)>;

struct RankTasks {
  int ranks = 1;  ///< that there are
  long long tasks = 1;
  int wanted = 0;      ///< ranks of a group; 0: chosen
  std::string key;     ///< of the deck that says so: "seismic.ranks_per_shot"
  std::string one;     ///< "shot"
  RanksFit fits = {};  ///< empty: any number does
};

/// Groups 0 to groups - 1 have `each` ranks and work; the ranks beyond them are idle.
struct RankShare {
  int each = 1, groups = 1, idle = 0;
  /// A colour for Comm::split: the rank's group, or, of idle ranks, a number from `groups` on: they are split
  /// into parts that fit, so that whatever is made on a group can be made there, too.
  int colour(int rank, const RanksFit& fits) const;
};

/// What is wanted; else as few ranks a group as leave none idle, where that is not far more than there are
/// ranks a task, and otherwise so many. UserError where more are wanted than there are.
RankShare share_ranks(const RankTasks& tasks);

/// "2 of 7 ranks are idle: 5 shots take 5 groups of 1; ...". Empty where none is.
std::string idle_text(const RankTasks& tasks, const RankShare& share);

}  // namespace understudy::core
