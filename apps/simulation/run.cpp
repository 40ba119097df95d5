// The verb `run` of simulations: advances the deck's simulation, or what stands in for it.
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/replacement.hpp"
#include "apps/simulation/run_report.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/simulation/sub_models.hpp"
#include "apps/simulation/swap_report.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "mesh/io/checkpoint.hpp"

namespace understudy::apps::verbs {

namespace {

constexpr const char* simulation_hash = "simulation_hash";

// Without the parts that a restart may change: how long, how often.
std::string hash_of(SimulationDeck deck) {
  const double window_s = deck.time.window_s;
  deck.time = {};
  deck.time.window_s = window_s;
  return core::sha256(simulation_text(deck)).substr(0, 16);
}

// The time that the state was taken to, or -1 for a new run.
template <class Real>
double resume(const SimulationJob& job, mesh::State<Real>& state) {
  if (!resumes_from(job, job.checkpoint())) return -1;
  const auto attributes = mesh::read_checkpoint(job.checkpoint(), state);
  const auto made_by = attributes.find(simulation_hash);
  if (made_by != attributes.end() && made_by->second != hash_of(job.deck))
    core::log::warn("{} was written by a deck of other parameters; the run goes on with this one's",
                    job.checkpoint().string());
  core::log::info("resuming at {:.6g} s, step {}", state.time_s, state.step);
  return state.time_s;
}

template <class Real>
void run_as(SimulationJob& job, Summary& summary) {
  auto simulation = make_simulation<Real>(job.deck, job.comm);
  auto& state = *simulation.state;
  require_quantities(state, *simulation.stepper, job.deck.output.derived, "output.derived");
  require_quantities(state, *simulation.stepper, job.deck.output.pictures, "output.pictures");
  SubModels sub_models(job.deck.sub_models, {job.deck.directory, job.out}, *simulation.stepper);
  auto replacement = make_replacement<Real>(job, job.deck, simulation.stepper);
  open_output(job);
  const double resumed_at_s = resume(job, state);
  std::vector<std::string> outside;
  if (replacement.surrogate) {
    outside = outside_envelope<Real>(replacement.card, *simulation.stepper, state, state.time_s,
                                     job.deck.time.end_s);
    for (const auto& text : outside) core::log::warn("outside the training envelope: {}", text);
    replacement.surrogate->warm_up(state);
  }

  std::vector<TimeSeries> series;
  auto observers = make_observers<Real>(job, {*simulation.stepper, state, resumed_at_s}, series);
  for (auto& sampler :
       job.deck.physics->samplers(Real{}, {state.shared_grid(), job.out, resumed_at_s}))
    observers.push_back(std::move(sampler));
  solvers::RunLoop<Real> loop{.stepper = *replacement.swap,
                              .time = job.deck.time,
                              .observers = observers,
                              .checkpoint = job.checkpoint(),
                              .checkpoint_attributes = {{simulation_hash, hash_of(job.deck)},
                                                        {"deck", job.provenance.deck},
                                                        {"version", job.provenance.version},
                                                        {"git", job.provenance.git}},
                              .progress_title = "run " + job.deck.name};
  const auto result = loop.run(state);

  summary.timing("advance_s", result.advance_wall_s);
  summary.metric("rate_cells_per_s", result.rate_cells_per_s());
  summary.metric("steps", state.step);
  summary.metric("windows", result.windows);
  summary.metric("time_s", state.time_s);
  if (replacement.surrogate) {
    summarise(replacement.surrogate->inference(), summary);
    summary.metric("case.outside", outside);
  }
  report_swap(job.deck.swap.policy, replacement.swap->records(), summary);
  sub_models.finish(summary);
  const auto quantities = job.deck.physics->quantities(series, state.time_s / 2);
  summary.quantities(quantities);
  for (const auto& q : quantities) {
    if (q.note.empty()) continue;
    summary.metric("notes." + q.name, q.note);
    core::log::warn("{} is {}: time.diagnostics_every_s takes more", q.name, q.note);
  }
  summary.conservation(series);
  RunReport report{
      core::format("{} s of simulated time in {} windows and {} steps, {} of wall time.",
                   report::number(state.time_s, 4), result.windows, result.steps,
                   report::duration(result.advance_wall_s)),
      {},
      series,
      quantities};
  if (job.deck.swap.policy != "never") {
    const auto counts = surrogates::counts_of(replacement.swap->records());
    report.lead += core::format(" The surrogate advanced {} of {} windows (policy {}).",
                                counts.accepted, counts.windows, job.deck.swap.policy);
  }
  report.warnings = replacement.warnings;
  for (const auto& text : outside)
    report.warnings.push_back("outside the training envelope: " + text);
  for (const auto& q : quantities)
    if (!q.note.empty()) report.warnings.push_back(q.name + " is " + q.note);
  write_run_report<Real>(job, report, state, *simulation.stepper);
  core::log::info("{}: {} windows, {} steps, {:.4g} cell updates/s in {:.1f} s; results in {}",
                  job.deck.name, result.windows, result.steps, result.rate_cells_per_s(),
                  job.clock.seconds(), job.out.string());
}

}  // namespace

void run(SimulationJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { run_as<Real>(job, summary); });
}

}  // namespace understudy::apps::verbs
