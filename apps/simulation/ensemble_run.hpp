// Simulates members of an ensemble side by side. The ranks are split into groups of equal size, and those
// that are left over are idle; each group takes the next member as soon as it is free, so that groups need not wait for one another. A
// member's values depend on the number of ranks that simulate it and not on the number of groups: a
// group's stepper, linear solvers and files know the group's communicator only.
//
// A member that fails (RunError) is reported at once with its parameters and the others go on. A
// signal to any rank, and a file that cannot be written, stop all groups after their windows; what is
// finished stays, unfinished files are removed.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/ensemble.hpp"
#include "core/rank_groups.hpp"

namespace understudy::apps {

struct EnsembleRun {
  long long simulated = 0;  ///< members finished now
  double cell_updates = 0;  ///< cell updates of the members finished now
  double wall_s = 0;        ///< wall time from the first member to the last
  int groups = 1, ranks_per_member = 1;
  std::vector<std::string> failed;  ///< "member_003 (flow.reynolds = 300): why"
};

/// How the ranks of a run are shared out over the members: the deck's number a member, or as few as leave
/// no rank idle (core/rank_groups.hpp). UserError when the deck wants more ranks than there are.
struct MemberRanks {
  core::RankTasks tasks;
  core::RankShare share;
};
MemberRanks share_members(const SimulationDeck& deck, int ranks);

/// The members that are not there yet, by their numbers. `group`: the ranks of one colour of `ranks.share`.
/// Collective.
template <class Real>
std::vector<std::size_t> members_to_do(const SimulationJob& job, const std::vector<Member>& members,
                                       const core::Comm& group);

/// Simulates `to_do` into the job's dataset; idle ranks wait. Collective. Interrupted or UserError on all ranks.
template <class Real>
EnsembleRun run_members(const SimulationJob& job, std::vector<Member>& members,
                        const std::vector<std::size_t>& to_do, const core::Comm& group,
                        const core::RankShare& share);

}  // namespace understudy::apps
