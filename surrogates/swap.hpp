// The swap: a Stepper that holds truth and surrogate and lets a policy say, window by window, who
// advances.
//   never     the truth always; bitwise the pure simulation
//   always    the surrogate always
//   schedule  the truth in the first `lead_windows`, in every `physics_every`-th window after, and
//             outside [from_s, to_s); the surrogate otherwise
// When the truth takes over from the surrogate, its constrain() is called first. Who advanced, why
// and with what trust is recorded for each window. Windows are counted from the state's time, so
// that a restarted run keeps the schedule.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solvers/stepper.hpp"

namespace understudy::surrogates {

/// The deck's `swap:` section.
struct SwapParams {
  std::string policy = "always";
  int physics_every = 0;  ///< schedule: the truth every so many windows; 0: never in between
  int lead_windows = 0;   ///< schedule: the truth in the first so many windows
  double from_s = 0;      ///< schedule: the surrogate from this time
  double to_s = 0;        ///< schedule: and up to this time; 0: to the end
  void describe(core::ParamVisitor& v);
};

struct SwapRecord {
  long long window = 0;  ///< index of the window, from 0 at time 0
  double time_s = 0;     ///< at the window's end
  std::string who, why;
  double trust = 1;
  double wall_s = 0;
};

/// Fraction of the windows in `records` that the surrogate advanced; 0 for none.
double accepted_fraction(const std::vector<SwapRecord>& records);

template <class Real>
class Swap : public solvers::Stepper<Real> {
 public:
  /// `surrogate` may be null for policy never. `window_s`: the window of the schedule and the
  /// surrogate.
  Swap(const SwapParams& params, std::shared_ptr<solvers::Stepper<Real>> truth,
       std::shared_ptr<solvers::Stepper<Real>> surrogate, double window_s);

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
  void clear_records() { records_.clear(); }

 private:
  struct Choice {
    bool physics;
    std::string why;
  };
  Choice choose(long long window) const;

  SwapParams params_;
  std::shared_ptr<solvers::Stepper<Real>> truth_, surrogate_;
  double window_s_;
  std::vector<SwapRecord> records_;
};

extern template class Swap<float>;
extern template class Swap<double>;

}  // namespace understudy::surrogates
