// Wall times of several ways through the same windows, measured side by side: all of them advance one
// block of windows in turn, and the whole is repeated, so that a machine whose speed wanders is the same
// machine for all, and repeats say how far it wanders. Everybody's turn comes first as often as last.
//
// Nothing but the advance is inside a time: states are put back to the start before a repeat, and no
// errors or diagnostics are looked at. What is timed was run before (errors), so that it is warmed up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "solvers/stepper.hpp"

namespace understudy::surrogates {

struct TimedSide {
  std::string name;
  std::function<void()> restart;  ///< back to the start; not timed
  std::function<void(long long)>
      advance;                       ///< by so many windows; may throw RunError (on all ranks)
  std::vector<double> walls_s = {};  ///< [repeat] of all windows; empty once it has failed
  std::string failure = {};
};

struct TimingPlan {
  long long windows = 0;
  int block_windows = 10;
  int repeats = 5;
};

/// A stepper that starts from a copy of `initial` in every repeat; it must outlive the side.
template <class Real>
TimedSide timed_side(const std::string& name, std::shared_ptr<solvers::Stepper<Real>> stepper,
                     const mesh::State<Real>& initial, double window_s);

/// Fills the sides' walls. Collective.
void time_interleaved(std::vector<TimedSide>& sides, const TimingPlan& plan,
                      const core::Comm& comm);

/// Of an odd or even number of values; NaN for none.
double median(std::vector<double> values);

/// A figure from repeated timings: how far it reaches over the repeats.
struct Scatter {
  double lowest = 0, highest = 0;
  int repeats = 0;  ///< 0: timed once, nothing is known of it
  /// Significant digits that the scatter leaves of `value`: 3 where it reaches less than 0.5% to either
  /// side, 2 below 15%, else 1; 2 where nothing is known of it.
  int digits(double value) const;
};

}  // namespace understudy::surrogates
