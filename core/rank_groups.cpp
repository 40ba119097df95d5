#include "core/rank_groups.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace {

bool room(const RanksFit& fits, int ranks) { return ranks == 1 || !fits || fits(ranks); }

int largest_that_fits(const RanksFit& fits, int ranks) {
  while (!room(fits, ranks)) --ranks;
  return ranks;
}

int chosen(const RankTasks& t) {
  constexpr int far_more = 4;  // ranks a task: beyond, idle ranks are the lesser evil
  const int a_task = static_cast<int>(std::clamp<long long>(t.ranks / t.tasks, 1, t.ranks));
  for (int n = 1; n <= std::min(t.ranks, far_more * a_task); ++n)
    if (t.ranks % n == 0 && t.ranks / n <= t.tasks && room(t.fits, n)) return n;
  return largest_that_fits(t.fits, a_task);
}

}  // namespace

int RankShare::colour(int rank, const RanksFit& fits) const {
  const int working = each * groups;
  if (rank < working) return rank / each;
  int number = groups, first = working;
  for (int left = idle; left > 0; ++number) {
    const int part = largest_that_fits(fits, std::min(left, each));
    if (rank < first + part) break;
    first += part;
    left -= part;
  }
  return number;
}

RankShare share_ranks(const RankTasks& t) {
  if (t.wanted > t.ranks)
    throw UserError(
        format("{} is {}, and the run has {} rank{}; 1 to {} are possible, and 0 for an "
               "automatic choice",
               t.key, t.wanted, t.ranks, t.ranks == 1 ? "" : "s", t.ranks));
  RankShare share;
  share.each = t.wanted > 0 ? t.wanted : chosen(t);
  share.groups =
      static_cast<int>(std::clamp<long long>(t.ranks / share.each, 1, std::max(1LL, t.tasks)));
  share.idle = t.ranks - share.each * share.groups;
  return share;
}

std::string idle_text(const RankTasks& t, const RankShare& share) {
  if (share.idle == 0) return "";
  return format(
      "{} of {} ranks are idle: {} {}{} are computed by {} group{} of {} rank{}; {} ranks do the same",
      share.idle, t.ranks, t.tasks, t.one, t.tasks == 1 ? "" : "s", share.groups,
      share.groups == 1 ? "" : "s", share.each, share.each == 1 ? "" : "s",
      share.each * share.groups);
}

}  // namespace understudy::core
