#include "surrogates/swap.hpp"

#include <cmath>
#include <format>

#include "core/error.hpp"
#include "core/timers.hpp"

namespace understudy::surrogates {

namespace {

// Kept in the state, so that a restarted run knows who advanced last.
constexpr const char* surrogate_was_last = "swap.surrogate_was_last";

}  // namespace

void SwapParams::describe(core::ParamVisitor& v) {
  v.choice("policy", policy, {"never", "always", "schedule"},
           "who advances: never the surrogate, always the surrogate, or by schedule");
  v.integer("physics_every", physics_every, {.at_least = 0},
            "schedule: the simulation advances every so many windows; 0: never in between");
  v.integer("lead_windows", lead_windows, {.at_least = 0},
            "schedule: the simulation advances the first so many windows");
  v.real("from_s", from_s, {.at_least = 0}, "s", "schedule: the surrogate from this time on");
  v.real("to_s", to_s, {.at_least = 0}, "s",
         "schedule: the surrogate up to this time; 0: to the end");
  v.require(to_s == 0 || to_s > from_s, "to_s",
            std::format("is {} s, which must exceed from_s ({} s) or be 0", to_s, from_s));
  v.require(
      policy != "schedule" || physics_every > 0 || lead_windows > 0 || from_s > 0 || to_s > 0,
      "policy",
      "is schedule, but the simulation never advances: give physics_every, lead_windows, from_s "
      "or to_s, or policy: always");
  v.require(physics_every != 1, "physics_every",
            "is 1, which leaves no window to the surrogate; use policy: never for that");
}

double accepted_fraction(const std::vector<SwapRecord>& records) {
  if (records.empty()) return 0;
  double accepted = 0;
  for (const SwapRecord& record : records) accepted += record.who == "surrogate" ? 1 : 0;
  return accepted / static_cast<double>(records.size());
}

template <class Real>
Swap<Real>::Swap(const SwapParams& params, std::shared_ptr<solvers::Stepper<Real>> truth,
                 std::shared_ptr<solvers::Stepper<Real>> surrogate, double window_s)
    : params_(params),
      truth_(std::move(truth)),
      surrogate_(std::move(surrogate)),
      window_s_(window_s) {
  if (params_.policy != "never" && !surrogate_)
    throw core::UserError(std::format(
        "swap.policy: {} wants a surrogate, but this run has none; train one, or use never",
        params_.policy));
}

template <class Real>
typename Swap<Real>::Choice Swap<Real>::choose(long long window) const {
  if (params_.policy == "never") return {true, "policy never"};
  if (params_.policy == "always") return {false, "policy always"};
  const double start_s = static_cast<double>(window) * window_s_;
  const double slack_s = 1e-6 * window_s_;
  if (window < params_.lead_windows)
    return {true, std::format("among the first {} windows", params_.lead_windows)};
  if (start_s < params_.from_s - slack_s) return {true, std::format("before {} s", params_.from_s)};
  if (params_.to_s > 0 && start_s + window_s_ > params_.to_s + slack_s)
    return {true, std::format("after {} s", params_.to_s)};
  if (params_.physics_every > 0 &&
      (window - params_.lead_windows) % params_.physics_every == params_.physics_every - 1)
    return {true, std::format("every {} windows", params_.physics_every)};
  return {false, "schedule"};
}

template <class Real>
solvers::AdvanceReport Swap<Real>::advance(mesh::State<Real>& state, double duration_s) {
  // The truth needs no windows: never is the truth's own call, unchanged.
  const bool never = params_.policy == "never";
  const long long count = never ? 1 : std::llround(duration_s / window_s_);
  if (!never && (count < 1 || std::abs(count * window_s_ - duration_s) > 1e-6 * window_s_))
    throw core::UserError(std::format(
        "swap: asked to advance by {} s, which is not a whole number of windows of {} s",
        duration_s, window_s_));
  const double start_s = state.time_s;
  const long long first = std::llround(start_s / window_s_);
  solvers::AdvanceReport total;
  for (long long n = 0; n < count; ++n) {
    const core::Stopwatch stopwatch;
    const Choice choice = choose(first + n);
    if (!never) state.time_s = start_s + static_cast<double>(n) * window_s_;
    if (choice.physics && state.scalars.count(surrogate_was_last)) {
      truth_->constrain(state);
      state.scalars.erase(surrogate_was_last);
    }
    auto report =
        (choice.physics ? truth_ : surrogate_)->advance(state, never ? duration_s : window_s_);
    if (!choice.physics) state.scalars[surrogate_was_last] = 1;
    report.who = choice.physics ? "simulation" : "surrogate";
    report.why = choice.why;
    Kokkos::fence("end of window");
    const double end_s = start_s + (never ? duration_s : static_cast<double>(n + 1) * window_s_);
    records_.push_back(
        {first + n, end_s, report.who, report.why, report.trust, stopwatch.seconds()});
    total.who = report.who;
    total.why = report.why;
    total.trust = report.trust;
    total.steps += report.steps;
    total.cell_updates += report.cell_updates;
  }
  return total;
}

template class Swap<float>;
template class Swap<double>;

}  // namespace understudy::surrogates
