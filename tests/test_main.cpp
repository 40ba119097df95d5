// The main of every test: one Runtime around all cases; on several ranks only rank 0 prints, and a
// failure on any rank fails the run.
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "core/runtime.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  understudy::core::Runtime runtime(argc, argv, {});
  understudy::core::log::set_level(understudy::core::log::Level::warn);
  const auto world = understudy::core::Comm::world();
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (!world.is_root()) delete listeners.Release(listeners.default_result_printer());
  const int mine = RUN_ALL_TESTS();
  return static_cast<int>(world.max(static_cast<long long>(mine)));
}
