#include "apps/simulation/simulation_study.hpp"

#include <filesystem>

#include "apps/simulation/assimilation/assimilation_run.hpp"
#include "apps/simulation/classical.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/finer_truth.hpp"
#include "apps/simulation/gate_catalog.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/simulation/statistic_names.hpp"
#include "apps/simulation/sub_models.hpp"
#include "apps/study/summary.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "surrogates/network/network_kinds.hpp"

namespace understudy::apps {

SimulationStudy::SimulationStudy(MakePhysics make) : make_(std::move(make)), deck_(make_()) {}

void SimulationStudy::prepare(DeckTree& tree) {
  deck_.directory = tree.directory;
  deck_.name = std::filesystem::path(tree.name).stem().string();
}

namespace {

// From the deck's folder on, as every path of a deck; where there is a model from the working folder on
// alone, as versions before 0.2 had it, that one.
std::string model_folder(const SimulationDeck& deck) {
  const std::filesystem::path given = deck.swap.model;
  if (given.empty() || given.is_absolute()) return given.string();
  const auto of_deck = (std::filesystem::path(deck.directory) / given).lexically_normal();
  std::error_code none;
  if (std::filesystem::exists(of_deck / "card.yaml", none) ||
      !std::filesystem::exists(given / "card.yaml", none))
    return of_deck.string();
  core::log::warn(
      "swap.model: paths in a deck start in its folder, and there is no model in {}; the one in {}, "
      "from the working folder on, is taken. Later versions will not look there",
      of_deck.string(), std::filesystem::absolute(given, none).string());
  return given.string();
}

}  // namespace

SimulationJob SimulationStudy::job(const Job& job) const {
  SimulationJob own{job, make_, deck_, job.out};
  own.deck.swap.model = model_folder(deck_);
  return own;
}

namespace {

// What minimises needs PETSc, and is not there without it.
#ifdef UNDERSTUDY_WITH_PETSC
constexpr bool with_petsc = true;
#else
constexpr bool with_petsc = false;
#endif

void invert(SimulationJob& job, Summary& summary) {
  if constexpr (with_petsc) verbs::invert(job, summary);
}

}  // namespace

std::vector<Verb> SimulationStudy::verbs() {
  const auto of = [this](void (*act)(SimulationJob&, Summary&)) {
    return [this, act](Job& job, Summary& summary) {
      SimulationJob own = this->job(job);
      act(own, summary);
    };
  };
  std::vector<Verb> all{
      {"run", "advance in time: simulation, surrogate or swap", of(verbs::run)},
      {"generate", "simulate the ensemble into a dataset", of(verbs::generate)},
      {"train", "dataset to model folder", of(verbs::train)},
      {"calibrate", "thresholds of a trained model's gates", of(verbs::calibrate)},
      {"compare", "simulation against its replacement: report.html", of(verbs::compare)},
      {"study", "generate, train and compare in one go", of(verbs::study)},
      // Printed by the program (apps/plan.hpp), as it leaves no files.
      {"plan", "what generate, train, compare and run will take: a pilot and arithmetic", {}}};
  if (!deck_.assimilation.of.empty())
    all.push_back({"invert", "samples to numbers and initial state of a flow", of(invert),
                   with_petsc ? "" : "needs a build with PETSc"});
  return all;
}

namespace {

void require_quantities(const SimulationDeck& deck, const std::vector<std::string>& known) {
  require_names_among(known, deck.output.derived, "output.derived");
  require_names_among(known, deck.output.pictures, "output.pictures");
  require_names_among(known, deck.output.statistics.fields, "output.statistics.fields");
  require_names_among(known, deck.compare.pictures, "compare.pictures");
  if (!deck.compare.correlation.empty())
    require_names_among(known, {deck.compare.correlation}, "compare.correlation");
  for (const auto& range : deck.output.ranges)
    require_names_among(known, {range.field}, "output.ranges");
}

// A physics that says what it will have is taken at its word: nothing is allocated.
// Returns what it would take.
template <class Real>
std::vector<std::string> check_simulation(const SimulationJob& job) {
  const SimulationDeck& deck = job.deck;
  const auto grid = deck.physics->make_grid(job.comm);
  require_simulation_fits(deck, *grid, sizeof(Real));
  std::vector<std::string> lines;
  if (const double bytes = deck.physics->memory_bytes(*grid, sizeof(Real)); bytes > 0)
    lines.push_back(core::format("# a simulation takes about {} of memory on each of {} rank{}",
                                 core::bytes_text(bytes), job.comm.size(),
                                 job.comm.size() == 1 ? "" : "s"));
  if (const auto plan = deck.physics->plan({grid, deck.directory, deck.seed}, deck.time.end_s)) {
    require_processes(deck.sub_models, plan->processes);
    require_quantities(deck, plan->quantities);
    return lines;
  }
  const auto simulation = make_simulation<Real>(deck, job.comm);
  require_processes(deck.sub_models, *simulation.stepper);
  require_quantities(deck, names_of(*simulation.state, *simulation.stepper));
  return lines;
}

}  // namespace

std::vector<std::string> SimulationStudy::check(const Job& job) {
  const SimulationJob own = this->job(job);
  std::vector<std::string> lines;
  with_precision(deck_.precision, [&]<class Real>(Real) { lines = check_simulation<Real>(own); });
  check_assimilation(own);
  ensemble_members(own);
  classical_cases(own);
  if (const std::string reason = no_spectral_runs(own); !reason.empty() && own.comm.is_root())
    core::log::warn("compare will have no spectral classical run: {}", reason);
  require_interpolation_serves(own);
  require_finer_fits(own);
  require_statistics(own);
  require_contender_blocks(own);
  if (!deck_.ensemble.parameters.empty() || surrogates::corrects(deck_.network)) {
    require_network_size(own);
    require_training_fits(own);
    require_contender_frames(own);
  }
  return lines;
}

namespace {

CatalogSection network_section() {
  CatalogSection section{"Networks (network.kind:)", {}};
  for (const auto& kind : surrogates::network_kinds())
    section.entries.push_back({kind.name, kind.help});
  return section;
}

CatalogSection gate_section(const Physics& physics) {
  CatalogSection section{"Gates (swap.gate.use:)", {}};
  for (const auto& gate : gates_of(physics)) section.entries.push_back({gate.name, gate.help});
  return section;
}

}  // namespace

App simulation_app(const MakePhysics& make) {
  const auto physics = make();
  App app{.name = physics->name(),
          .summary = physics->summary(),
          .document = physics->document(),
          .make = [make] { return std::make_unique<SimulationStudy>(make); }};
  app.parts = {
      network_section(),
      {"Swap policies (swap.policy:)",
       {{"never", "the simulation alone"},
        {"always", "the surrogate alone"},
        {"schedule", "the simulation in given windows, the surrogate otherwise"},
        {"gate", "the surrogate while calibrated gates trust it, the simulation otherwise"}}},
      gate_section(*physics)};
  for (const auto& part : physics->parts()) app.parts.push_back(part);
  return app;
}

SimulationJob simulation_job(const JobOptions& options, const MakePhysics& make) {
  const App app = simulation_app(make);
  const OpenStudy open = open_study(options, {&app, 1});
  return dynamic_cast<const SimulationStudy&>(*open.study).job(open.job);
}

}  // namespace understudy::apps
