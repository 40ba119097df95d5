// What all cases of a suite look at, made once by the program: a folder of their own with `out` in it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/apps_cli.hpp"

namespace understudy::tests {

/// The suite `Case` makes it in made(folder), which is public and static, and gives the program's outcome.
template <class Case>
class MadeOnce : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new Scratch;
    outcome = Case::made(*scratch / "out");
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }
  static fs::path copy(const std::string& name) {
    fs::copy(*scratch / "out", *scratch / name, fs::copy_options::recursive);
    return *scratch / name;
  }
  /// Another folder with its dataset alone.
  static fs::path with_dataset(const std::string& name) {
    const fs::path folder = *scratch / name;
    fs::create_directories(folder);
    fs::copy(fs::path(*scratch / "out") / "dataset", folder / "dataset",
             fs::copy_options::recursive);
    return folder;
  }
  static std::string model() { return "swap.model=" + (*scratch / "out" / "model").string(); }

  static inline Scratch* scratch = nullptr;
  static inline Outcome outcome;
};

}  // namespace understudy::tests
