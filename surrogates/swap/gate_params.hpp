// The deck's `swap.gate:` section: which gates judge a window, and how they are calibrated.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::surrogates {

/// How a model's gates are calibrated (train, calibrate).
struct CalibrationParams {
  int windows = 40;            ///< length of each calibration rollout
  int starts = 4;              ///< rollouts per held-out sample, evenly spaced
  int reference_frames = 400;  ///< training frames that stand for what was seen, at most
  void describe(core::ParamVisitor& v);
};

struct GateParams {
  std::vector<std::string> use{"range", "diagnostics", "distance"};
  double quantile = 0.95;    ///< share of calibration scores below each threshold
  double error_limit = 0.2;  ///< relative L2 error from which an accepted window is wrong
  double risk = 0.1;         ///< largest fraction of windows accepted and wrong
  int hold_windows = 4;      ///< windows that the simulation keeps after a rejection
  double reentry = 0.9;      ///< the simulation's state must score below this share of a threshold
  int reentry_windows = 2;   ///< windows in a row that must score below that share
  int neighbours = 3;        ///< distance: training states that are averaged over
  double residual_fraction = 0.2;  ///< residual: share of the window that the simulation repeats
  CalibrationParams calibration;
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::surrogates
