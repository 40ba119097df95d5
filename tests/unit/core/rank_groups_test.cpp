// Any number of ranks for any number of tasks.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/rank_groups.hpp"

namespace core = understudy::core;

namespace {

core::RankTasks tasks(int ranks, long long count, int wanted = 0, int most = 1000) {
  return {.ranks = ranks,
          .tasks = count,
          .wanted = wanted,
          .key = "seismic.ranks_per_shot",
          .one = "shot",
          .fits = [most](int n) { return n <= most; }};
}

std::string shape(const core::RankTasks& t) {
  const auto s = core::share_ranks(t);
  return std::to_string(s.groups) + " of " + std::to_string(s.each) + ", idle " +
         std::to_string(s.idle);
}

}  // namespace

TEST(RankGroups, AsFewAsLeaveNoneIdle) {
  EXPECT_EQ(shape(tasks(1, 5)), "1 of 1, idle 0");
  EXPECT_EQ(shape(tasks(4, 2)), "2 of 2, idle 0");
  EXPECT_EQ(shape(tasks(4, 100)), "4 of 1, idle 0");
  EXPECT_EQ(shape(tasks(6, 4)), "3 of 2, idle 0");
  EXPECT_EQ(shape(tasks(8, 1)), "1 of 8, idle 0");
}

TEST(RankGroups, PrimesLeaveSomeIdle) {
  const auto seven = tasks(7, 5);
  EXPECT_EQ(shape(seven), "5 of 1, idle 2");
  EXPECT_EQ(
      core::idle_text(seven, core::share_ranks(seven)),
      "2 of 7 ranks are idle: 5 shots are computed by 5 groups of 1 rank; 5 ranks do the same");
  EXPECT_EQ(shape(tasks(25, 4)), "4 of 6, idle 1");
}

TEST(RankGroups, AGroupIsNoLargerThanFits) {
  EXPECT_EQ(shape(tasks(7, 1, 0, 4)), "1 of 4, idle 3");
  EXPECT_EQ(shape(tasks(8, 2, 0, 3)), "2 of 3, idle 2");
}

TEST(RankGroups, WantedRanksNeedNotDivide) {
  EXPECT_EQ(shape(tasks(7, 5, 3)), "2 of 3, idle 1");
  try {
    core::share_ranks(tasks(4, 5, 8));
    FAIL();
  } catch (const core::UserError& error) {
    EXPECT_NE(
        std::string(error.what()).find("ranks_per_shot is 8, and the run has 4 ranks; 1 to 4"),
        std::string::npos)
        << error.what();
  }
}

TEST(RankGroups, EveryRankHasAColourAndIdleOnesFitTogether) {
  const auto t = tasks(7, 1, 0, 2);
  const auto share = core::share_ranks(t);
  std::vector<int> size(10, 0);
  for (int rank = 0; rank < 7; ++rank) ++size.at(std::size_t(share.colour(rank, t.fits)));
  EXPECT_EQ(size[0], 2);  // the working one
  for (const int n : size) EXPECT_LE(n, 2);
}
