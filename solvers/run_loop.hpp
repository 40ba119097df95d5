// The loop around any Stepper: it owns time, contracts, checkpoints and observers. Time advances in
// windows of fixed length, which end on multiples of window_s exactly, whatever steps the stepper takes
// inside. After every window each prognostic field is checked (finite, within its contract), and a
// violation throws RunError naming field, cell, value, step and time; the last checkpoint is kept. A
// caught signal or a spent time limit writes a checkpoint and throws Interrupted.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/traffic.hpp"
#include "mesh/io/checkpoint.hpp"
#include "solvers/stepper.hpp"
#include "solvers/time_params.hpp"

namespace understudy::solvers {

/// What an observer sees after a window (and once, window 0, before the first).
template <class Real>
struct WindowEvent {
  const mesh::State<Real>& state;
  Stepper<Real>& stepper;
  const AdvanceReport& report;
  /// Number of the window that just ended, counted on over restarts, whatever their window_s: time is
  /// state.time_s, and is not to be derived from it. 0: the initial state.
  long long window;
  bool output_due;  ///< the deck asks for an output here
  double wall_s;    ///< wall time of this window's advance (fenced)
};

template <class Real>
using Observer = std::function<void(const WindowEvent<Real>&)>;

struct RunResult {
  long long windows = 0, steps = 0;
  double advance_wall_s = 0;  ///< wall time inside advance
  double cell_updates = 0;
  core::Traffic sent = {};  ///< by this rank inside advance
  std::string early = {};   ///< why it ended before time.end_s; empty: it did not
  double rate_cells_per_s() const { return advance_wall_s > 0 ? cell_updates / advance_wall_s : 0; }
};

template <class Real>
struct RunLoop {
  Stepper<Real>& stepper;
  TimeParams time;
  std::vector<Observer<Real>> observers = {};
  std::filesystem::path checkpoint = {};  ///< empty: none is written
  std::map<std::string, std::string> checkpoint_attributes = {};
  /// Written into every checkpoint beside the state; what they refer to outlives the run.
  std::vector<mesh::CheckpointPart> checkpoint_parts = {};
  std::string progress_title = "run";  ///< empty: no progress line
  /// Restart: number of the window that the state was taken to, the checkpoint's attribute
  /// `window_attribute`. None: its time over window_s.
  std::optional<long long> window = {};

  bool until_steady = false;  ///< heed time.steady
  /// Restart: the checkpoint's attribute `steady_attribute`.
  std::string steady_memory = {};

  static constexpr const char* steady_attribute = "steady";
  /// Under this name checkpoints have the number of the window that they end.
  static constexpr const char* window_attribute = "window";

  /// Advances `state` from its time to time.end_s. A state of time_s > 0 continues (restart): UserError
  /// unless its time is a multiple of window_s. One at time 0 starts anew: a checkpoint that an earlier run
  /// left is replaced at once, so that a restart cannot take it for this one's. Collective.
  RunResult run(mesh::State<Real>& state);
};

/// RunError naming field, global cell, value, step and time if a prognostic value is not finite or
/// exceeds `max_abs_value`. `hint`: what may help, naming keys that the app has; empty: general advice.
/// Collective: all ranks throw the same text.
template <class Real>
void check_contract(const mesh::State<Real>& state, double max_abs_value,
                    const std::string& hint = {});

}  // namespace understudy::solvers
