// `plan`: what generate, train, compare and run of a deck will take, before anything is spent: a pilot of a minute or
// so on this machine, and counts times rates (plan/). docs/planning.md says what is measured, and what is not in it.
#pragma once

#include <string>

#include "apps/simulation/simulation_job.hpp"

namespace understudy::apps {

struct PlanOptions {
  std::string machine;   ///< file of another machine; empty: this one
  int for_ranks = 0;     ///< 0: as many as the pilot has
  double budget_s = 20;  ///< for each of its three parts: simulations, classical runs, networks
};

/// Runs the pilot and returns what `plan` prints. Writes no file that it does not remove. Collective. UserError where
/// the deck is refused, or the machine's file; RunError where a piece of the study fails in the pilot already.
std::string planned(const SimulationJob& job, const PlanOptions& options);

}  // namespace understudy::apps
