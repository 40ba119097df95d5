// The verb `run` of simulations: advances the deck's simulation, or what stands in for it.
#include <cmath>
#include <map>
#include <optional>

#include "apps/deck/deck_keys.hpp"
#include "apps/report/report_format.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/replacement.hpp"
#include "apps/simulation/run_report.hpp"
#include "apps/simulation/run_statistics.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/simulation/sub_models.hpp"
#include "apps/simulation/swap_report.hpp"
#include "apps/study/restart.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "mesh/io/checkpoint.hpp"

namespace understudy::apps::verbs {

namespace {

using Attributes = std::map<std::string, std::string>;

constexpr const char* simulation_hash = "simulation_hash";
constexpr const char* deck_attribute = "deck";
constexpr const char* free_keys =
    "time, grid.ranks, what is sampled and written, who advances (swap, sub_models) and how fast it is "
    "computed";

// What a run and the one that it goes on from have in common: not how long, how often, on how many ranks.
DeckKeys restart_keys(SimulationDeck deck) {
  std::vector<std::string> free{"time", "grid.ranks"};
  for (const auto& key : deck.physics->restart_keys()) free.push_back(key);
  struct Simulated {
    SimulationDeck& deck;
    void describe(core::ParamVisitor& v) { deck.describe_simulation(v); }
  } simulated{deck};
  return without(keys_of(simulated), free);
}

// The deck in a checkpoint, read as today's decks are: keys that are new since then have their defaults.
// Returns its physics, where it can be read.
std::shared_ptr<const Physics> require_own(const SimulationJob& job, const Attributes& attributes) {
  const auto text = attributes.find(deck_attribute);
  const auto hash = attributes.find(simulation_hash);
  if (text == attributes.end() && hash == attributes.end())
    return {};  // of a program of somebody's own
  const DeckKeys ours = restart_keys(job.deck);
  DeckKeys theirs;
  std::string unread;
  std::shared_ptr<const Physics> before;
  try {
    if (text == attributes.end()) throw core::UserError("it has no deck");
    DeckTree tree = DeckTree::parse(text->second, job.checkpoint().string() + ": deck");
    tree.directory = job.tree.directory;
    const SimulationDeck deck = read_simulation_deck(tree, job.make);
    before = deck.physics;
    theirs = restart_keys(deck);
  } catch (const core::UserError& error) {
    unread = error.what();
  }
  if (unread.empty()) {
    require_same_keys(job.checkpoint(), theirs, ours, free_keys);
    return before;
  }
  require_same_hash(job.checkpoint(), hash == attributes.end() ? "unknown" : hash->second,
                    hash_of(ours), "; its deck cannot be read: " + unread);
  return {};
}

// Where the run goes on; time_s < 0: it begins.
struct Restart {
  double time_s = -1;
  std::optional<long long> window = {};
  std::string steady = {};                     ///< RunLoop's steady_attribute
  std::shared_ptr<const Physics> before = {};  ///< with the deck of the run until then
};

template <class Real>
Restart resume(const SimulationJob& job, mesh::State<Real>& state) {
  if (!resumes_from(job, job.checkpoint())) return {};
  const auto attributes = mesh::read_checkpoint(job.checkpoint(), state);
  const auto before = require_own(job, attributes);
  core::log::info("resuming at {:.6g} s, step {}", state.time_s, state.step);
  if (state.time_s <= 0) return {};  // of a run that was stopped before its first other checkpoint
  if (state.time_s > job.deck.time.end_s * (1 + 1e-9))
    core::log::warn("the run in {} is at {:.10g} s already, after time.end_s, {:.10g} s",
                    job.out.string(), state.time_s, job.deck.time.end_s);
  Restart restart{.time_s = state.time_s, .before = before};
  const auto window = attributes.find(solvers::RunLoop<Real>::window_attribute);
  if (window != attributes.end()) restart.window = std::stoll(window->second);
  const auto steady = attributes.find(solvers::RunLoop<Real>::steady_attribute);
  if (steady != attributes.end()) restart.steady = steady->second;
  return restart;
}

// What a window of the rank that has most sends; what that rank holds.
void report_messages(const solvers::RunResult& result, const core::Comm& comm, Summary& summary) {
  const auto per_window = [&](const char* name, long long mine) {
    summary.metric(std::string("messages.") + name + "_per_window",
                   static_cast<double>(comm.max(mine)) / static_cast<double>(result.windows));
  };
  per_window("count", result.sent.messages);
  per_window("bytes", result.sent.bytes);
  per_window("collectives", result.sent.collectives);
  per_window("collective_bytes", result.sent.collective_bytes);
  summary.metric("memory.peak_bytes_per_rank", comm.max(core::peak_memory_bytes()));
}

template <class Real>
void run_as(SimulationJob& job, Summary& summary) {
  auto simulation = make_simulation<Real>(job.deck, job.comm);
  auto& state = *simulation.state;
  require_quantities(state, *simulation.stepper, job.deck.output.derived, "output.derived");
  require_quantities(state, *simulation.stepper, job.deck.output.pictures, "output.pictures");
  require_quantities(state, *simulation.stepper, job.deck.output.statistics.fields,
                     "output.statistics.fields");
  SubModels sub_models(job.deck.sub_models, {job.deck.directory, job.out}, *simulation.stepper);
  auto replacement = make_replacement<Real>(job, job.deck, simulation.stepper);
  open_output(job);
  const Restart restart = resume(job, state);
  const double from_s = state.time_s;
  summary.belongs_to(hash_of(restart_keys(job.deck)));
  std::vector<std::string> outside;
  if (replacement.surrogate) {
    outside = outside_envelope<Real>(replacement.card, *simulation.stepper, state, state.time_s,
                                     job.deck.time.end_s);
    for (const auto& text : outside) core::log::warn("outside the training envelope: {}", text);
    replacement.stand_in.warm_up(state);
  }

  std::vector<TimeSeries> series;
  const RunWatch<Real> watch{*simulation.stepper, state, restart.time_s};
  auto observers = make_observers<Real>(job, watch, series);
  const RunStatistics<Real> statistics(job, watch);
  for (auto& observer : statistics.observers()) observers.push_back(std::move(observer));
  for (auto& sampler : job.deck.physics->samplers(
           Real{},
           {state.shared_grid(), job.out, restart.time_s, job.deck.directory, restart.before}))
    observers.push_back(std::move(sampler));
  solvers::RunLoop<Real> loop{
      .stepper = *replacement.swap,
      .time = job.deck.time,
      .observers = observers,
      .checkpoint = job.checkpoint(),
      .checkpoint_attributes = {{simulation_hash, hash_of(restart_keys(job.deck))},
                                {deck_attribute, job.provenance.deck},
                                {"version", job.provenance.version},
                                {"git", job.provenance.git}},
      .checkpoint_parts = statistics.parts(),
      .progress_title = "run " + job.deck.name,
      .window = restart.window,
      .until_steady = true,
      .steady_memory = restart.steady};
  const auto result = loop.run(state);

  // Where nothing was left to do, what an earlier call measured stands (Summary::keep_earlier).
  if (result.windows > 0) {
    summary.timing("advance_s", result.advance_wall_s);
    summary.metric("rate_cells_per_s", result.rate_cells_per_s());
    summary.metric("windows", result.windows);
    summary.metric("from_s", from_s);
    report_messages(result, job.comm, summary);
    report_swap(job.deck.swap.policy, replacement.swap->records(), summary);
  } else {
    summary.keep_earlier();
    read_series(job, *simulation.stepper, state, series);
  }
  summary.metric("steps", state.step);
  summary.metric("time_s", state.time_s);
  if (replacement.surrogate) {
    summarise(replacement.surrogate->inference(), replacement.surrogate->traffic(), summary);
    if (const double operations = replacement.surrogate->operations(); operations > 0)
      summary.metric("inference.operations_per_call", operations);
    summary.metric("case.outside", outside);
  }
  sub_models.finish(summary);
  statistics.report(summary);
  if (!result.early.empty()) {
    summary.metric("ended_early", result.early);
    core::log::info("the run ends at {:.6g} s of {:.6g} s, {}", state.time_s, job.deck.time.end_s,
                    result.early);
  }
  const auto quantities = job.deck.physics->quantities(series, state.time_s / 2);
  summary.quantities(quantities);
  for (const auto& q : quantities) {
    if (q.note.empty()) continue;
    summary.metric("notes." + q.name, q.note);
    core::log::warn("{} is {}: time.diagnostics_every_s takes more", q.name, q.note);
  }
  summary.conservation(series);
  const std::string simulated =
      restart.time_s > 0 ? core::format("This call: from {} s to {} s of simulated time",
                                        report::number(from_s, 4), report::number(state.time_s, 4))
                         : report::number(state.time_s, 4) + " s of simulated time";
  RunReport report{
      core::format("{} in {} windows and {} steps, {} of wall time.", simulated, result.windows,
                   result.steps, report::duration(result.advance_wall_s)),
      {},
      series,
      quantities};
  if (!result.early.empty()) report.lead += " It ended early, " + result.early + ".";
  if (job.deck.swap.policy != "never") {
    const auto counts = surrogates::counts_of(replacement.swap->records());
    report.lead += core::format(" The surrogate advanced {} of {} windows (policy {}).",
                                counts.accepted, counts.windows, job.deck.swap.policy);
  }
  report.warnings = replacement.warnings;
  report.warnings.insert(report.warnings.end(), sub_models.warnings().begin(),
                         sub_models.warnings().end());
  for (const auto& text : outside)
    report.warnings.push_back("outside the training envelope: " + text);
  for (const auto& q : quantities)
    if (!q.note.empty()) report.warnings.push_back(q.name + " is " + q.note);
  // with nothing left to do, the page of an earlier call stands
  if (result.windows > 0) write_run_report<Real>(job, report, state, *simulation.stepper);
  core::log::info("{}: {} windows, {} steps, {:.4g} cell updates/s in {:.1f} s; results in {}",
                  job.deck.name, result.windows, result.steps, result.rate_cells_per_s(),
                  job.clock.seconds(), job.out.string());
}

}  // namespace

void run(SimulationJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { run_as<Real>(job, summary); });
}

}  // namespace understudy::apps::verbs
