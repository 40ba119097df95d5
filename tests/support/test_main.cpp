// The main of every test: one Runtime around all cases; on several ranks rank 0 prints everything,
// the others what fails there, and a failure on any rank fails the run.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "core/log.hpp"
#include "core/runtime.hpp"

namespace {

class FailuresOfARank : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOfARank(int rank) : rank_(rank) {}

 private:
  // Asking UnitTest for it when a part fails would wait for ever: gtest then holds its lock.
  void OnTestStart(const testing::TestInfo& test) override {
    name_ = std::string(test.test_suite_name()) + "." + test.name();
  }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::fprintf(stderr, "rank %d, %s: %s:%d: %s\n", rank_, name_.c_str(),
                 result.file_name() ? result.file_name() : "-", result.line_number(),
                 result.message());
  }
  int rank_;
  std::string name_ = "-";
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  understudy::core::Runtime runtime(argc, argv, {});
  understudy::core::log::set_level(understudy::core::log::Level::warn);
  const auto world = understudy::core::Comm::world();
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (!world.is_root()) {
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOfARank(world.rank()));
  }
  const int mine = RUN_ALL_TESTS();
  return static_cast<int>(world.max(static_cast<long long>(mine)));
}
