#include "solvers/time_params.hpp"

#include <cmath>

#include "core/format.hpp"

namespace understudy::solvers {

void TimeParams::describe(core::ParamVisitor& v) {
  v.real("end_s", end_s, {.above = 0}, "s", "end of the run");
  v.real(
      "window_s", window_s, {.above = 0}, "s",
      "the run advances in windows of this length; a surrogate takes one network call per window");
  v.integer("output_every", output_every, {.at_least = 1}, "windows between outputs");
  v.real(
      "diagnostics_every_s", diagnostics_every_s, {.at_least = 0}, "s",
      "least time between rows of diagnostics, within windows, too, where the simulation advances "
      "(at the ends of its own steps); 0: a row a window");
  v.integer("checkpoint_every", checkpoint_every, {.at_least = 0},
            "windows between checkpoints; 0: at the end and when stopped");
  v.real("max_wall_s", max_wall_s, {.at_least = 0}, "s",
         "stop with a checkpoint after this wall time; 0: no limit");
  v.real("max_abs_value", max_abs_value, {.above = 0}, "",
         "the run fails when a value of the state exceeds this in magnitude");
  v.group("steady", steady, "end a run when nothing changes any more (run)");
  v.require(!steady.enabled() || steady.over_s >= window_s * (1 - 1e-6), "steady.over_s",
            core::format("is {} s; steady.change needs at least one window of {} s", steady.over_s,
                         window_s));
  const double windows = end_s / window_s;
  constexpr double most_windows = 1e9;
  v.require(end_s >= window_s * (1 - 1e-6), "end_s",
            core::format("is {} s, shorter than one window of {} s: nothing would be computed",
                         end_s, window_s));
  v.require(windows <= most_windows, "end_s",
            core::format("is {} s: {:.4g} windows of {} s; at most {:.4g} are possible", end_s,
                         windows, window_s, most_windows));
  v.require(
      std::abs(windows - std::round(windows)) < 1e-6 * windows, "end_s",
      core::format("is {} s, which is not a whole number of windows of {} s", end_s, window_s));
}

}  // namespace understudy::solvers
