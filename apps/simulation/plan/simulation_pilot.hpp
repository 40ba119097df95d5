// A deck's simulation on the ranks that are there, for a few seconds: what a window takes.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/plan/study_rates.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "core/error.hpp"
#include "core/traffic.hpp"

namespace understudy::apps {

struct PilotLimits {
  double seconds = 5;     ///< that it may advance; two pieces are advanced whatever they take
  long long windows = 1;  ///< that the study will ask for: no more are advanced
};

template <class Real>
struct SimulationPilot {
  SimulationRates rates;
  Simulation<Real> simulation;            ///< where the pilot ended
  std::vector<mesh::State<Real>> frames;  ///< the last states, three at most, in order of time
};

/// Makes the simulation and advances it from its start: by windows, or where one takes too long by as many of its
/// steps as there is time for. Rates are those of the second half, when caches, memory and pressure have settled. The wall
/// times are the slowest rank's. Collective over `comm`. UserError, RunError as a run; Interrupted on a signal.
template <class Real>
SimulationPilot<Real> pilot_simulation(const std::string& name, const SimulationDeck& deck,
                                       const core::Comm& comm, const PilotLimits& limits);

/// What the ranks send between start() and stop(), as often as these are called.
class SentSince {
 public:
  explicit SentSince(const core::Comm& comm) : comm_(comm) {}
  void start() { before_ = core::traffic(); }
  void stop() { sent_ += core::traffic() - before_; }
  /// Of one of so many parts; of the rank that has most. Collective.
  SentRates per(double parts) const;

 private:
  core::Comm comm_;
  core::Traffic before_, sent_;
};

core::Interrupted plan_stopped(int signal);
/// Stops the plan where a signal was heard. Collective.
void stop_plan_if_asked(const core::Comm& comm);

/// Runs `action`, which parts of `all`'s ranks do each for themselves. Where it ends with an error or a signal on some
/// of them, all ranks throw it: signals first (plan_stopped), then UserError, then RunError, of the first such rank.
/// Collective over `all`.
template <class Action>
void in_groups(const core::Comm& all, const Action& action) {
  long long signal = 0;
  std::string user_error, run_error;
  try {
    action();
  } catch (const core::Interrupted& stop) {
    signal = stop.exit_code() - 128;
  } catch (const core::UserError& error) {
    user_error = error.what();
  } catch (const core::RunError& error) {
    run_error = error.what();
  }
  signal = all.max(signal);
  if (signal > 0) throw plan_stopped(static_cast<int>(signal));
  all.throw_on_all_ranks<core::UserError>(user_error);
  all.throw_on_all_ranks<core::RunError>(run_error);
}

}  // namespace understudy::apps
