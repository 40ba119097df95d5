#include "apps/simulation/plan.hpp"

#include <algorithm>
#include <optional>

#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/plan/machine.hpp"
#include "apps/simulation/plan/plan_pilot.hpp"
#include "apps/simulation/plan/plan_text.hpp"
#include "apps/simulation/plan/scratch_folder.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/triad.hpp"
#include "surrogates/network/matrix_product.hpp"

namespace understudy::apps {

namespace {

MeasuredHere measure_here(const SimulationJob& job) {
  MeasuredHere here;
  here.bandwidth_b_s = mesh::triad_bytes_per_s(job.comm) / job.comm.size();
  here.flop_s =
      surrogates::matrix_product_flop_s(job.comm, job.deck.training.threads) / job.comm.size();
  return here;
}

// What the verbs would refuse after the pilot, before it.
void require_plannable(const SimulationJob& job, const StudyWork& work) {
  if (!work.learns) return;
  require_network_size(job);
  require_training_fits(job);
  if (work.samples.train == 0)
    throw core::UserError(core::format(
        "{}: no member of the ensemble is of the split train: there is nothing to train on",
        job.tree.name));
  require_contender_frames(job);
}

}  // namespace

std::string planned(const SimulationJob& job, const PlanOptions& options) {
  const core::Stopwatch stopwatch;
  std::optional<Machine> machine;
  if (!options.machine.empty()) machine = read_machine(options.machine);
  const int pilot_ranks = job.comm.size();
  const int ranks = options.for_ranks > 0 ? options.for_ranks : pilot_ranks;
  block_of(job.deck.grid().cells, ranks);  // there is room for so many
  const StudyWork work = study_work(job, ranks);
  require_plannable(job, work);

  StudyRates measured;
  {
    const ScratchFolder scratch(job.out, job.comm);
    measured = run_pilot(job, work, scratch.path(), options.budget_s);
  }
  PlanContext context;
  context.deck = job.deck.name;
  context.ranks = ranks;
  context.threads = core::Runtime::threads();
  context.machine = machine ? &*machine : nullptr;
  context.pilot_ranks = pilot_ranks;
  StudyRates rates = measured;
  PlanRanks on{.ranks = ranks, .cores_a_rank = static_cast<double>(context.threads)};
  if (machine) {
    context.here = measure_here(job);
    on.cores_a_rank = static_cast<double>(machine->cores) / machine->ranks;
  }
  if (machine || ranks != pilot_ranks)
    rates = rates_elsewhere(measured, {.machine = context.machine,
                                       .here = context.here,
                                       .ranks = ranks,
                                       .ranks_each = work.generate.ranks_each});
  context.pilot_s = job.comm.max(stopwatch.seconds());
  return plan_text(work, measured, plan_study(work, rates, on), context);
}

}  // namespace understudy::apps
