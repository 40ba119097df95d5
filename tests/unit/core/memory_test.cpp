// What is there, and plans that exceed it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>

#include "core/error.hpp"
#include "core/memory.hpp"

namespace core = understudy::core;

namespace {

std::string refusal(double bytes) {
  try {
    core::require_memory({.bytes = bytes, .what = "a grid", .remedy = "use fewer cells"},
                         core::Comm::self());
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST(Memory, SomethingIsThereAndNotEverything) {
  EXPECT_GT(core::available_memory().bytes, 1e6);
  EXPECT_EQ(refusal(1e6), "");
  EXPECT_EQ(refusal(0), "");
}

TEST(Memory, APlanBeyondItIsRefusedWithBothNumbers) {
  if (!std::isfinite(core::available_memory().bytes)) GTEST_SKIP() << "nobody says what is there";
  const std::string text = refusal(1e18);
  EXPECT_NE(text.find("a grid would take about 1 EB"), std::string::npos) << text;
  EXPECT_NE(text.find("are there"), std::string::npos) << text;
  EXPECT_NE(text.find("use fewer cells"), std::string::npos) << text;
}

TEST(Memory, ALowerBoundIsCalledOne) {
  if (!std::isfinite(core::available_memory().bytes)) GTEST_SKIP() << "nobody says what is there";
  try {
    core::require_memory({.bytes = 1e18, .what = "all of it", .at_least = true, .on_host = true},
                         core::Comm::self());
    FAIL() << "1 EB is there";
  } catch (const core::UserError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("all of it would take at least 1 EB"), std::string::npos) << text;
    EXPECT_EQ(text.find("GPU"), std::string::npos) << text;
  }
}

TEST(Memory, TheAddressSpaceCounts) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer takes 20 TB of addresses";
#endif
  rlimit old{};
  getrlimit(RLIMIT_AS, &old);
  rlimit limit = old;
  limit.rlim_cur = rlim_t(1) << 44;
  if (old.rlim_max != RLIM_INFINITY && old.rlim_max < limit.rlim_cur) GTEST_SKIP();
  setrlimit(RLIMIT_AS, &limit);
  const double now = core::available_memory().bytes;
  setrlimit(RLIMIT_AS, &old);
  EXPECT_LT(now, std::ldexp(1.0, 44));
}

TEST(Memory, RanksShareTheMachine) {
  const double alone = core::available_memory().bytes;
  core::set_ranks_of_machine(1000);
  const double shared = core::available_memory().bytes;
  core::set_ranks_of_machine(1);
  EXPECT_LE(shared, alone);
}

TEST(Memory, BytesAreReadable) {
  EXPECT_EQ(core::bytes_text(512), "512 bytes");
  EXPECT_EQ(core::bytes_text(3.21e9), "3.21 GB");
}
