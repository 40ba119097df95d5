#include "surrogates/swap/gate_params.hpp"

#include <algorithm>

#include "core/format.hpp"

namespace understudy::surrogates {

void CalibrationParams::describe(core::ParamVisitor& v) {
  v.integer("windows", windows, {.at_least = 1}, "windows of each calibration rollout");
  v.integer("starts", starts, {.at_least = 1, .at_most = 1000},
            "calibration rollouts per held-out sample, evenly spaced");
  v.integer("reference_frames", reference_frames, {.at_least = 8, .at_most = 100000},
            "training frames, at most, that stand for what the model has seen");
}

void GateParams::describe(core::ParamVisitor& v) {
  v.texts("use", use,
          "the gates that must all agree: range, diagnostics, distance, residual, disagreement");
  v.require(!use.empty(), "use", "must name at least one gate");
  for (std::size_t n = 0; n < use.size(); ++n)
    v.require(std::count(use.begin(), use.end(), use[n]) == 1, "use",
              core::format("names {} more than once", use[n]));
  v.real("quantile", quantile, {.above = 0, .below = 1}, "",
         "share of the calibration windows that each threshold accepts (split conformal)");
  v.real("error_limit", error_limit, {.above = 0}, "1",
         "relative L2 error of the rollout from which an accepted window counts as wrong");
  v.real("risk", risk, {.at_most = 1, .above = 0}, "",
         "largest share of windows that are accepted and wrong (conformal risk control); 1: not "
         "controlled");
  v.integer("hold_windows", hold_windows, {.at_least = 0},
            "windows that the simulation keeps after a rejection, beside the rejected one");
  v.real("reentry", reentry, {.at_most = 1, .above = 0}, "",
         "the surrogate comes back when the simulation's state scores below this share of the "
         "thresholds");
  v.integer("reentry_windows", reentry_windows, {.at_least = 1}, "for so many windows in a row");
  v.integer("neighbours", neighbours, {.at_least = 1, .at_most = 100},
            "distance: nearest training states that are averaged over");
  v.real("residual_fraction", residual_fraction, {.at_most = 1, .above = 0}, "",
         "residual: share of a window that the simulation advances from the prediction");
  v.group("calibration", calibration, "rollouts that the thresholds come from (train, calibrate)");
}

}  // namespace understudy::surrogates
