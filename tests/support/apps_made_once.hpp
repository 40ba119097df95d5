// What all cases of a suite look at, made once by the program: a folder of their own with `out` in it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/apps_cli.hpp"

namespace understudy::tests {

/// Settings that make a deck of the wake one of few cells with a small U-Net, and those of the test.
inline std::vector<std::string> small_wake_unet(const std::vector<std::string>& more) {
  std::vector<std::string> settings{"grid.cells=[64,32]",
                                    "ensemble.parameters.0.values=[80,100,140]",
                                    "ensemble.validation=[1]",
                                    "ensemble.test=[]",
                                    "ensemble.spin_up_s=2",
                                    "ensemble.windows=12",
                                    "network.kind=unet",
                                    "network.width=8",
                                    "network.levels=2",
                                    "network.patch=2",
                                    "training.rollout_windows=4",
                                    "contenders=[]",
                                    "swap.gate.error_limit=10",
                                    "swap.gate.calibration.windows=6",
                                    "swap.gate.calibration.starts=2",
                                    "time.window_s=0.5"};
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

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
