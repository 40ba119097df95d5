#include "surrogates/swap/swap.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "surrogates/swap/swap_memory.hpp"

namespace understudy::surrogates {

void SwapParams::describe(core::ParamVisitor& v) {
  v.choice("policy", policy, {"never", "always", "schedule", "gate"},
           "who advances: never the surrogate, always the surrogate, by schedule, or the surrogate "
           "while gates trust it");
  v.integer("physics_every", physics_every, {.at_least = 0},
            "schedule: the simulation advances every so many windows; 0: never in between");
  v.integer("lead_windows", lead_windows, {.at_least = 0},
            "schedule, gate: the simulation advances the first so many windows");
  v.real("from_s", from_s, {.at_least = 0}, "s", "schedule: the surrogate from this time on");
  v.real("to_s", to_s, {.at_least = 0}, "s",
         "schedule: the surrogate up to this time; 0: to the end");
  v.require(to_s == 0 || to_s > from_s, "to_s",
            core::format("is {} s, which must exceed from_s ({} s) or be 0", to_s, from_s));
  v.require(
      policy != "schedule" || physics_every > 0 || lead_windows > 0 || from_s > 0 || to_s > 0,
      "policy",
      "is schedule, but the simulation never advances: give physics_every, lead_windows, from_s "
      "or to_s, or policy: always");
  v.require(
      policy != "always" || (physics_every == 0 && lead_windows == 0 && from_s == 0 && to_s == 0),
      "policy",
      "is always, under which physics_every, lead_windows, from_s and to_s have no effect: leave them "
      "out (0), or give policy: schedule, or gate with lead_windows");
  v.require(
      policy != "gate" || (physics_every == 0 && from_s == 0 && to_s == 0), "policy",
      "is gate, under which physics_every, from_s and to_s have no effect: leave them out (0), or "
      "give policy: schedule");
  v.require(physics_every != 1, "physics_every",
            "is 1, which leaves no window to the surrogate; use policy: never for that");
  v.choice(
      "inference", inference, {"auto", "blocks", "gathered"},
      "how several ranks call the network: each on its own block of the grid, or rank 0 on the "
      "gathered field; auto: on blocks where network and grid allow it");
  v.group("gate", gate, "policy gate: which gates judge, and how");
}

double accepted_fraction(const std::vector<SwapRecord>& records) {
  if (records.empty()) return 0;
  double accepted = 0;
  for (const SwapRecord& record : records) accepted += record.who == "surrogate" ? 1 : 0;
  return accepted / static_cast<double>(records.size());
}

SwapCounts counts_of(std::span<const SwapRecord> records) {
  SwapCounts counts;
  for (std::size_t n = 0; n < records.size(); ++n) {
    const bool surrogate = records[n].who == "surrogate";
    counts.windows += 1;
    counts.accepted += surrogate;
    counts.rollbacks += records[n].rolled_back;
    if (!records[n].rejected_by.empty()) counts.rejected[records[n].rejected_by] += 1;
    if (n == 0 || (records[n - 1].who == "surrogate") == surrogate) continue;
    (surrogate ? counts.to_surrogate : counts.to_physics) += 1;
  }
  return counts;
}

template <class Real>
Swap<Real>::Swap(const SwapParams& params, std::shared_ptr<solvers::Stepper<Real>> truth,
                 std::shared_ptr<solvers::Stepper<Real>> surrogate, double window_s,
                 std::shared_ptr<Guard<Real>> guard)
    : params_(params),
      truth_(std::move(truth)),
      surrogate_(std::move(surrogate)),
      window_s_(window_s),
      guard_(std::move(guard)) {
  if (params_.policy != "never" && !surrogate_)
    throw core::UserError(core::format(
        "swap.policy: {} wants a surrogate, but this run has none; train one, or use never",
        params_.policy));
  if (params_.policy == "gate" && !guard_)
    throw core::UserError(
        "swap.policy: gate wants calibrated gates, but this run has none; `understudy calibrate` "
        "makes them for a trained model");
}

template <class Real>
typename Swap<Real>::Choice Swap<Real>::choose(long long window) const {
  if (params_.policy == "never") return {true, "policy never"};
  if (params_.policy == "always") return {false, "policy always"};
  const double start_s = static_cast<double>(window) * window_s_;
  const double slack_s = 1e-6 * window_s_;
  if (window < params_.lead_windows)
    return {true, core::format("among the first {} windows", params_.lead_windows)};
  if (start_s < params_.from_s - slack_s)
    return {true, core::format("before {} s", params_.from_s)};
  if (params_.to_s > 0 && start_s + window_s_ > params_.to_s + slack_s)
    return {true, core::format("after {} s", params_.to_s)};
  if (params_.physics_every > 0 &&
      (window - params_.lead_windows) % params_.physics_every == params_.physics_every - 1)
    return {true, core::format("every {} windows", params_.physics_every)};
  return {false, "schedule"};
}

template <class Real>
solvers::AdvanceReport Swap<Real>::advance_physics(mesh::State<Real>& state, double duration_s) {
  if (memory::get(state, memory::surrogate_was_last) != 0) {
    truth_->constrain(state);
    memory::set(state, memory::surrogate_was_last, 0);
  }
  return truth_->advance(state, duration_s);
}

template <class Real>
solvers::AdvanceReport Swap<Real>::advance_window(mesh::State<Real>& state, SwapRecord& record) {
  const Choice choice = choose(record.window);
  record.why = choice.why;
  record.who = choice.physics ? "simulation" : "surrogate";
  if (choice.physics) return advance_physics(state, window_s_);
  auto report = surrogate_->advance(state, window_s_);
  memory::set(state, memory::surrogate_was_last, 1);
  record.trust = report.trust;
  return report;
}

template <class Real>
solvers::AdvanceReport Swap<Real>::advance(mesh::State<Real>& state, double duration_s) {
  // The truth needs no windows: never is the truth's own call, unchanged.
  const bool never = params_.policy == "never";
  const long long count = never ? 1 : std::llround(duration_s / window_s_);
  if (!never && (count < 1 || std::abs(count * window_s_ - duration_s) > 1e-6 * window_s_))
    throw core::UserError(core::format(
        "swap: asked to advance by {} s, which is not a whole number of windows of {} s",
        duration_s, window_s_));
  const double start_s = state.time_s;
  const long long first = std::llround(start_s / window_s_);
  solvers::AdvanceReport total;
  for (long long n = 0; n < count; ++n) {
    const core::Stopwatch stopwatch;
    SwapRecord record;
    record.window = first + n;
    solvers::AdvanceReport report;
    if (never) {
      record.who = "simulation";
      record.why = "policy never";
      report = advance_physics(state, duration_s);
    } else {
      state.time_s = start_s + static_cast<double>(n) * window_s_;
      report =
          params_.policy == "gate" ? advance_gated(state, record) : advance_window(state, record);
    }
    Kokkos::fence("end of window");
    record.time_s = start_s + (never ? duration_s : static_cast<double>(n + 1) * window_s_);
    record.wall_s = stopwatch.seconds();
    records_.push_back(record);
    total.who = record.who;
    total.why = record.why;
    total.trust = record.trust;
    total.steps += report.steps;
    total.cell_updates += report.cell_updates;
  }
  return total;
}

template class Swap<float>;
template class Swap<double>;

}  // namespace understudy::surrogates
