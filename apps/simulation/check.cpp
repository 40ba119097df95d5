#include <cstdio>

#include "apps/deck/deck_writer.hpp"
#include "apps/simulation/classical.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/simulation/sub_models.hpp"
#include "core/format.hpp"

namespace understudy::apps::verbs {

void check(Job& job, Summary&) {
  with_precision(job.deck.precision, [&]<class Real>(Real) {
    const auto simulation = make_simulation<Real>(job.deck, job.comm);
    const auto& state = *simulation.state;
    require_processes(job.deck.sub_models, *simulation.stepper);
    require_quantities(state, *simulation.stepper, job.deck.output.derived, "output.derived");
    require_quantities(state, *simulation.stepper, job.deck.output.pictures, "output.pictures");
    require_quantities(state, *simulation.stepper, job.deck.compare.pictures, "compare.pictures");
  });
  ensemble_members(job);
  classical_cases(job);
  contender_jobs(job);
  if (!job.deck.ensemble.parameters.empty()) require_network_size(job);
  if (!job.comm.is_root()) return;
  const std::string text =
      core::format("# {}: valid; every key with its value (hash {})\n{}", job.tree.name,
                   job.provenance.deck_hash, write_deck(job.deck, true));
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::verbs
