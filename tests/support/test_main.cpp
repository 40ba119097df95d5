// The main of every test program: one Runtime around all cases; on several ranks rank 0 prints
// everything, the others what fails there, and a failure on any rank fails the run.
//
//   test_<kind>_<room> [--file NAME_test.cpp] [gtest's options]
//
// --file: only the cases of that source file; one without a case is an error.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
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

/// gtest's filter for the cases of one source file; empty where it has none.
std::string cases_of(const std::string& file) {
  std::string filter;
  const auto& all = *testing::UnitTest::GetInstance();
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const auto& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const auto& test = *suite.GetTestInfo(t);
      if (("/" + std::string(test.file())).ends_with("/" + file))
        filter += std::string(filter.empty() ? "" : ":") + suite.name() + "." + test.name();
    }
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 3 && std::strcmp(argv[1], "--file") == 0) {
    const std::string filter = cases_of(argv[2]);
    if (filter.empty()) {
      std::fprintf(stderr, "no test case comes from a file %s\n", argv[2]);
      return 2;
    }
    GTEST_FLAG_SET(filter, filter);
  }
  // Tests import programs; the list of the person who runs them stays as it is.
  const auto list = std::filesystem::temp_directory_path() /
                    ("understudy_trusted_by_tests_" + std::to_string(::getuid()));
  ::setenv("UNDERSTUDY_TRUSTED_PROGRAMS", list.c_str(), 0);
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
