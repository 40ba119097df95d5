// The swap: a Stepper that holds truth and surrogate and lets a policy say, window by window, who
// advances.
//   never     the truth always; bitwise the pure simulation
//   always    the surrogate always
//   schedule  the truth in the first `lead_windows`, in every `physics_every`-th window after, and
//             outside [from_s, to_s); the surrogate otherwise
//   gate      trust decided each window by a guard (guard.hpp), see below
// When the truth takes over from the surrogate, its constrain() is called first. Who advanced, why
// and with what trust is recorded for each window. Windows are counted from the state's time, so
// that a restarted run keeps the schedule.
//
// gate. The truth advances the first `lead_windows`. Then, while the truth advances, the guard judges its
// state at each window's start by the gates that need no prediction, so that no network call is wasted:
// the surrogate is asked once the ratio of score to bound was below `gate.reentry` in
// `gate.reentry_windows` windows in a row. Each of its predictions is judged by all gates. A rejected one
// is rolled back to the last trusted state, the truth advances this window and keeps the next
// `gate.hold_windows`, in which nothing is judged. Between two entries of the surrogate the truth thus
// advances at least 1 + hold_windows + reentry_windows - 1 windows, whatever the scores do: the swap
// cannot flap. In the last of the `reentry_windows` before an entry (where these are two or more) the
// surrogate predicts the window that the truth advances, too: the error that the hand-over would make is
// known before it is made, and where it exceeds `gate.error_limit`, or the gates refuse the prediction,
// the count of windows begins anew. What it remembers (who was last, windows to hold, streak, ratio) lies in the state's
// scalars `swap.*`, and so in checkpoints: a restarted run is the uninterrupted one. All ranks act by rank
// 0's verdict.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "solvers/stepper.hpp"
#include "surrogates/swap/gate_params.hpp"
#include "surrogates/swap/guard.hpp"

namespace understudy::surrogates {

/// The deck's `swap:` section.
struct SwapParams {
  std::string policy = "always";
  int physics_every = 0;  ///< schedule: the truth every so many windows; 0: never in between
  int lead_windows = 0;   ///< schedule, gate: the truth in the first so many windows
  double from_s = 0;      ///< schedule: the surrogate from this time
  double to_s = 0;        ///< schedule: and up to this time; 0: to the end
  std::string inference = "auto";  ///< where several ranks call the network: auto, blocks, gathered
  GateParams gate;
  void describe(core::ParamVisitor& v);
};

struct SwapRecord {
  long long window = 0;  ///< index of the window, from 0 at time 0
  double time_s = 0;     ///< at the window's end
  std::string who, why;
  double trust = 1;
  double wall_s = 0;
  std::string rejected_by{};  ///< gate: the gate that refused state or prediction; empty: none did
  bool rolled_back = false;   ///< gate: a prediction was made and thrown away
  /// gate: error of the prediction that was made beside the simulation's window; NaN: none was.
  double rehearsal_error = std::numeric_limits<double>::quiet_NaN();
};

/// Fraction of the windows in `records` that the surrogate advanced; 0 for none.
double accepted_fraction(const std::vector<SwapRecord>& records);

/// What a run's records add up to.
struct SwapCounts {
  long long windows = 0, accepted = 0;
  long long rollbacks = 0;                     ///< predictions that were thrown away
  long long to_surrogate = 0, to_physics = 0;  ///< hand-overs after the first window
  std::map<std::string, long long> rejected;   ///< windows that this gate took from the surrogate
};
SwapCounts counts_of(std::span<const SwapRecord> records);

template <class Real>
class Swap : public solvers::Stepper<Real> {
 public:
  /// `surrogate` may be null for policy never. `window_s`: the window of the schedule and the
  /// surrogate. `guard`: for policy gate (UserError without one).
  Swap(const SwapParams& params, std::shared_ptr<solvers::Stepper<Real>> truth,
       std::shared_ptr<solvers::Stepper<Real>> surrogate, double window_s,
       std::shared_ptr<Guard<Real>> guard = nullptr);

  std::string name() const override { return "swap"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return truth_->grid(); }
  std::vector<mesh::FieldInfo> fields() const override { return truth_->fields(); }
  double stable_dt(const mesh::State<Real>& state) override { return truth_->stable_dt(state); }
  solvers::AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<Real>& state) override {
    return truth_->diagnostics(state);
  }
  void constrain(mesh::State<Real>& state) override { truth_->constrain(state); }
  std::vector<std::string> derived_names() const override { return truth_->derived_names(); }
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override {
    return truth_->derive(state, name);
  }

  const std::vector<SwapRecord>& records() const { return records_; }

 private:
  struct Choice {
    bool physics;
    std::string why;
  };
  Choice choose(long long window) const;
  solvers::AdvanceReport advance_physics(mesh::State<Real>& state, double duration_s);
  solvers::AdvanceReport advance_window(mesh::State<Real>& state, SwapRecord& record);
  solvers::AdvanceReport advance_gated(mesh::State<Real>& state, SwapRecord& record);
  solvers::AdvanceReport propose(mesh::State<Real>& state, SwapRecord& record);
  bool holds(mesh::State<Real>& state, SwapRecord& record);
  bool may_enter(mesh::State<Real>& state, SwapRecord& record);
  /// Is the window that the truth advances now the last before the surrogate may enter?
  bool rehearses(const mesh::State<Real>& state, const SwapRecord& record) const;
  solvers::AdvanceReport rehearse(mesh::State<Real>& state, SwapRecord& record);
  void keep(const mesh::State<Real>& state);
  void roll_back(mesh::State<Real>& state) const;

  SwapParams params_;
  std::shared_ptr<solvers::Stepper<Real>> truth_, surrogate_;
  double window_s_;
  std::shared_ptr<Guard<Real>> guard_;
  std::optional<mesh::State<Real>> trusted_;  ///< gate: the state before the prediction
  std::vector<SwapRecord> records_;
};

extern template class Swap<float>;
extern template class Swap<double>;

}  // namespace understudy::surrogates
