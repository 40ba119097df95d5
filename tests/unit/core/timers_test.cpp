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
  const auto& times = core::region_times();
  ASSERT_TRUE(times.contains("step"));
  ASSERT_TRUE(times.contains("step/pressure"));
  EXPECT_EQ(times.at("step").calls, 3);
  EXPECT_GE(times.at("step").seconds, times.at("step/pressure").seconds);
}
