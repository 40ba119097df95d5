// Regions nest by name and count their calls.
#include <gtest/gtest.h>

#include "core/timers.hpp"

namespace core = understudy::core;

TEST(Timers, RegionsNest) {
  core::reset_region_times();
  for (int n = 0; n < 3; ++n) {
    const core::ScopedTimer outer("step");
    const core::ScopedTimer inner("pressure");
  }
  const auto times = core::region_times();
  ASSERT_TRUE(times.contains("step"));
  ASSERT_TRUE(times.contains("step/pressure"));
  EXPECT_EQ(times.at("step").calls, 3);
  EXPECT_GE(times.at("step").seconds, times.at("step/pressure").seconds);
}

// On a device few of many calls wait, the first ones among them, and they stand for all.
TEST(Timers, FewCallsStandForAllOnADevice) {
  long long timed = 0;
  for (long long call = 0; call < 1600; ++call) timed += core::is_timed(call) ? 1 : 0;
  EXPECT_TRUE(core::is_timed(0));
  EXPECT_TRUE(core::is_timed(7));
  EXPECT_FALSE(core::is_timed(8));
  EXPECT_EQ(timed, 100 + 7);
  // The first calls, which may be slow, count for themselves.
  EXPECT_EQ(core::estimated_seconds(3.0, 0.5, 1608, 100), 3.0 + 8.0);
  EXPECT_EQ(core::estimated_seconds(0.25, 0.0, 3, 0), 0.25);
}
