// Integers that all ranks share.
#include "core/shared_counters.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace understudy::core {

TEST(CoreSharedCounters, EveryNumberIsHandedOutOnce) {
  const auto world = Comm::world();
  SharedCounters counters(world, 2);
  constexpr int numbers = 200;
  std::vector<double> taken(numbers, 0);
  for (long long n = counters.add(1, 1); n < numbers; n = counters.add(1, 1)) ++taken[n];
  world.sum(taken);
  for (const double times : taken) EXPECT_EQ(times, 1);
  world.barrier();
  EXPECT_EQ(counters.read(1), numbers + world.size());
  EXPECT_EQ(counters.read(0), 0);
}

TEST(CoreSharedCounters, GroupsOfRanksShareTheirOwn) {
  const auto world = Comm::world();
  const auto group = world.split(world.rank() % 2, world.rank());
  SharedCounters counters(group, 1);
  counters.add(0, world.rank() + 1);
  group.barrier();
  EXPECT_EQ(counters.read(0), group.sum(static_cast<long long>(world.rank() + 1)));
  group.barrier();
}

}  // namespace understudy::core
