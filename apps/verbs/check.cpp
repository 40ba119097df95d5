#include <cstdio>
#include <format>

#include "apps/classical.hpp"
#include "apps/deck_writer.hpp"
#include "apps/ensemble.hpp"
#include "apps/outputs.hpp"
#include "apps/verbs/verbs.hpp"

namespace understudy::apps::verbs {

namespace {

// A deck that never trains need not have a grid that its network takes.
void check_network(const Job& job) {
  const auto& grid = job.deck.grid;
  if (grid.dimension() != 2 ||
      (job.deck.ensemble.parameters.empty() && job.deck.swap.policy == "never"))
    return;
  surrogates::require_size(job.deck.network, job.deck.domain->boundary_kinds(2), grid.cells.at(0),
                           grid.cells.at(1));
}

}  // namespace

void check(Job& job, Summary&) {
  with_precision(job.deck.precision, [&]<class Real>(Real) {
    const auto simulation = make_simulation<Real>(job.deck, job.comm);
    const auto& state = *simulation.state;
    require_quantities(state, *simulation.stepper, job.deck.output.derived, "output.derived");
    require_quantities(state, *simulation.stepper, job.deck.output.pictures, "output.pictures");
    require_quantities(state, *simulation.stepper, job.deck.compare.pictures, "compare.pictures");
  });
  ensemble_members(job);
  classical_cases(job);
  check_network(job);
  if (!job.comm.is_root()) return;
  const std::string text =
      std::format("# {}: valid; every key with its value (hash {})\n{}", job.tree.name,
                  job.provenance.deck_hash, write_deck(job.deck, true));
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::verbs
