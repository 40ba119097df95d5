// Policy gate of the swap: hold, re-entry, proposal, rollback.
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "surrogates/swap/state_error.hpp"
#include "surrogates/swap/swap.hpp"
#include "surrogates/swap/swap_memory.hpp"

namespace understudy::surrogates {

// True while the truth keeps the window without asking the guard.
template <class Real>
bool Swap<Real>::holds(mesh::State<Real>& state, SwapRecord& record) {
  if (record.window < params_.lead_windows) {
    record.why = core::format("among the first {} windows", params_.lead_windows);
    return true;
  }
  const double left = memory::get(state, memory::windows_to_hold);
  if (left <= 0) return false;
  memory::set(state, memory::windows_to_hold, left - 1);
  record.why = core::format("holds after a rejection, {} more windows", left - 1);
  return true;
}

// The truth's own state must be trusted clearly, and for some time.
template <class Real>
bool Swap<Real>::may_enter(mesh::State<Real>& state, SwapRecord& record) {
  const Verdict verdict = guard_->judge_input(state);
  memory::set(state, memory::last_ratio, verdict.ratio);
  const bool clear = verdict.ratio <= params_.gate.reentry;
  const double streak = clear ? memory::get(state, memory::windows_in_a_row) + 1 : 0;
  memory::set(state, memory::windows_in_a_row, streak);
  if (streak >= params_.gate.reentry_windows) return true;
  if (clear) {
    record.why = core::format("trusted for {} of {} windows", streak, params_.gate.reentry_windows);
  } else {
    record.rejected_by = verdict.gate;
    record.why = core::format("state: {}{}", verdict.text(),
                              verdict.trusted() ? " (not yet below the re-entry's share)" : "");
  }
  return false;
}

// The surrogate changes prognostic fields, and through constrain() the truth's history. Where that
// history will be dropped at the hand-over it need not be kept.
template <class Real>
void Swap<Real>::keep(const mesh::State<Real>& state) {
  if (!trusted_) {
    trusted_ = state.clone();
    return;
  }
  const bool history = memory::get(state, memory::surrogate_was_last) == 0;
  for (std::size_t n = 0; n < state.fields().size(); ++n)
    if (history || state.fields()[n].info.role == mesh::Role::prognostic)
      Kokkos::deep_copy(trusted_->fields()[n].data, state.fields()[n].data);
  trusted_->time_s = state.time_s;
  trusted_->step = state.step;
  trusted_->scalars = state.scalars;
}

template <class Real>
void Swap<Real>::roll_back(mesh::State<Real>& state) const {
  const bool history = memory::get(*trusted_, memory::surrogate_was_last) == 0;
  for (std::size_t n = 0; n < state.fields().size(); ++n)
    if (history || state.fields()[n].info.role == mesh::Role::prognostic)
      Kokkos::deep_copy(state.fields()[n].data, trusted_->fields()[n].data);
  state.time_s = trusted_->time_s;
  state.step = trusted_->step;
  state.scalars = trusted_->scalars;
}

template <class Real>
solvers::AdvanceReport Swap<Real>::propose(mesh::State<Real>& state, SwapRecord& record) {
  {
    const core::ScopedTimer region("gate");
    keep(state);
  }
  solvers::AdvanceReport report;
  Verdict verdict{.ratio = std::numeric_limits<double>::infinity(), .gate = "prediction"};
  try {
    report = surrogate_->advance(state, window_s_);
    verdict = guard_->judge(state, *trusted_);
  } catch (const core::RunError& error) {
    // What constrain() cannot mend is no prediction.
    verdict.failure = error.what();
  }
  if (verdict.trusted()) {
    memory::set(state, memory::last_ratio, verdict.ratio);
    memory::set(state, memory::surrogate_was_last, 1);
    record.who = "surrogate";
    record.why = "trusted: " + verdict.text();
    return report;
  }
  roll_back(state);
  memory::set(state, memory::last_ratio, verdict.ratio);
  memory::set(state, memory::windows_in_a_row, 0);
  memory::set(state, memory::windows_to_hold, params_.gate.hold_windows);
  record.rejected_by = verdict.gate;
  record.rolled_back = true;
  record.why = "prediction rejected: " + verdict.text();
  return advance_physics(state, window_s_);
}

template <class Real>
bool Swap<Real>::rehearses(const mesh::State<Real>& state, const SwapRecord& record) const {
  return params_.gate.reentry_windows > 1 && record.window >= params_.lead_windows &&
         memory::get(state, memory::windows_to_hold) <= 0 &&
         memory::get(state, memory::windows_in_a_row) == params_.gate.reentry_windows - 1;
}

// Both advance the same window, and the truth's state goes on: what the surrogate would have made of it
// is known, whatever the gates can see.
template <class Real>
solvers::AdvanceReport Swap<Real>::rehearse(mesh::State<Real>& state, SwapRecord& record) {
  {
    const core::ScopedTimer region("gate");
    keep(state);
  }
  Verdict verdict{.ratio = std::numeric_limits<double>::infinity(), .gate = "prediction"};
  std::optional<mesh::State<Real>> prediction;
  try {
    surrogate_->advance(state, window_s_);
    verdict = guard_->judge(state, *trusted_);
    prediction = state.clone();
  } catch (const core::RunError& error) {
    verdict.failure = error.what();
  }
  roll_back(state);
  const auto report = advance_physics(state, window_s_);
  double error = std::numeric_limits<double>::infinity();
  if (prediction) {
    const core::ScopedTimer region("gate");
    error = error_of(*prediction, state);
  }
  record.rehearsal_error = error;
  const bool close = error <= params_.gate.error_limit;
  if (close && verdict.trusted()) {
    record.why += core::format("; the surrogate's window was off by {:.3g}", error);
    return report;
  }
  memory::set(state, memory::windows_in_a_row, 0);
  record.rejected_by = verdict.trusted() ? "hand-over" : verdict.gate;
  record.why = close || !verdict.trusted()
                   ? "rehearsed prediction rejected: " + verdict.text()
                   : core::format("hand-over error {:.3g}, above {:.3g} (gate.error_limit)", error,
                                  params_.gate.error_limit);
  return report;
}

template <class Real>
solvers::AdvanceReport Swap<Real>::advance_gated(mesh::State<Real>& state, SwapRecord& record) {
  record.who = "simulation";
  const bool surrogate_goes_on =
      memory::get(state, memory::surrogate_was_last) != 0 && record.window >= params_.lead_windows;
  solvers::AdvanceReport report;
  if (surrogate_goes_on || (!holds(state, record) && may_enter(state, record)))
    report = propose(state, record);
  else if (rehearses(state, record))
    report = rehearse(state, record);
  else
    report = advance_physics(state, window_s_);
  record.trust = 1 / (1 + memory::get(state, memory::last_ratio));
  return report;
}

template bool Swap<float>::holds(mesh::State<float>&, SwapRecord&);
template bool Swap<float>::may_enter(mesh::State<float>&, SwapRecord&);
template void Swap<float>::keep(const mesh::State<float>&);
template void Swap<float>::roll_back(mesh::State<float>&) const;
template bool Swap<float>::rehearses(const mesh::State<float>&, const SwapRecord&) const;
template solvers::AdvanceReport Swap<float>::rehearse(mesh::State<float>&, SwapRecord&);
template solvers::AdvanceReport Swap<float>::propose(mesh::State<float>&, SwapRecord&);
template solvers::AdvanceReport Swap<float>::advance_gated(mesh::State<float>&, SwapRecord&);
template bool Swap<double>::holds(mesh::State<double>&, SwapRecord&);
template bool Swap<double>::may_enter(mesh::State<double>&, SwapRecord&);
template void Swap<double>::keep(const mesh::State<double>&);
template void Swap<double>::roll_back(mesh::State<double>&) const;
template bool Swap<double>::rehearses(const mesh::State<double>&, const SwapRecord&) const;
template solvers::AdvanceReport Swap<double>::rehearse(mesh::State<double>&, SwapRecord&);
template solvers::AdvanceReport Swap<double>::propose(mesh::State<double>&, SwapRecord&);
template solvers::AdvanceReport Swap<double>::advance_gated(mesh::State<double>&, SwapRecord&);

}  // namespace understudy::surrogates
