// understudy VERB [DECK] [options]. Errors are caught here and nowhere else: their class gives the exit
// code (core/error.hpp), rank 0 prints them once.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

#include "apps/deck/deck_reader.hpp"
#include "apps/pinn/pinn_verbs.hpp"
#include "apps/points/points_deck.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"

namespace {

using namespace understudy;

struct CommandLine {
  apps::JobOptions job;
  int threads = 0;
  std::string log_level = "info";
  bool deck_reference = false;
  apps::verbs::ImportOptions imported;
};

struct Verb {
  const char *name, *help;
  apps::verbs::Act act;
};

constexpr Verb verbs[] = {
    {"run", "advance in time: simulation, surrogate or swap", apps::verbs::run},
    {"generate", "simulate the ensemble into a dataset", apps::verbs::generate},
    {"train", "dataset to model folder", apps::verbs::train},
    {"calibrate", "thresholds of a trained model's gates", apps::verbs::calibrate},
    {"compare", "simulation against its replacement: report.html", apps::verbs::compare},
    {"study", "generate, train and compare in one go", apps::verbs::study},
    {"pinn", "solve or invert equations with a physics-informed network (app: pinn)", nullptr},
    {"invert", "waveforms to a model of the earth (app: seismic)", nullptr},
    {"check", "validate only; print the resolved deck", apps::verbs::check}};

void define(CLI::App& app, CommandLine& line) {
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help of every verb");
  for (const Verb& verb : verbs) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.help);
    sub->add_option("deck", line.job.deck, "the study's deck (YAML)")->required();
    sub->add_option("--set", line.job.settings, "path.to.key=value, in place of the deck's")
        ->allow_extra_args(false);
    sub->add_option("--out", line.job.out, "output folder (default: out/<deck name>)");
    sub->add_flag("--resume", line.job.resume, "continue what an earlier call left unfinished");
    sub->add_option("--threads", line.threads,
                    "threads per rank (default: OMP_NUM_THREADS, else 1)")
        ->check(CLI::Range(1, 1024));
    sub->add_option("--log-level", line.log_level, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  }
  CLI::App* imported = app.add_subcommand("import", "a model of points trained elsewhere");
  imported->add_option("model", line.imported.file, "TorchScript file or AOTInductor package")
      ->required();
  imported->add_option("--card", line.imported.card, "YAML: features, outputs, normalisation")
      ->required();
  imported->add_option("--out", line.imported.out, "model folder to write")->required();
  CLI::App* list =
      app.add_subcommand("list", "solvers, networks, policies, backends of this build");
  list->add_flag("--deck-reference", line.deck_reference, "")->group("");
}

core::log::Level level(const std::string& name) {
  using core::log::Level;
  return name == "debug"   ? Level::debug
         : name == "warn"  ? Level::warn
         : name == "error" ? Level::error
                           : Level::info;
}

void act(const CLI::App& app, const CommandLine& line) {
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "list")
    return line.deck_reference ? apps::verbs::deck_reference() : apps::verbs::list();
  if (name == "import") {
    apps::verbs::ImportOptions options = line.imported;
    options.command = line.job.command;
    return apps::verbs::import_model(options);
  }
  apps::JobOptions options = line.job;
  options.verb = name;
  if (apps::is_points_deck(options)) return apps::verbs::points(options);
  if (apps::is_seismic_deck(options)) return apps::seismic::act(options);
  if (apps::is_pinn_deck(options)) return apps::pinn_verbs::act(options);
  if (name == "invert")
    throw core::UserError(options.deck + ": invert takes decks with app: seismic");
  if (name == "pinn") throw core::UserError(options.deck + ": pinn takes decks with app: pinn");
  apps::Job job = apps::make_job(options);
  for (const Verb& verb : verbs)
    if (name == verb.name) apps::verbs::act(verb.act, job);
}

// CLI11 only says that a verb is wanted.
std::string unknown_verb(int argc, char** argv) {
  const std::string given = argc > 1 ? argv[1] : "";
  if (given.empty() || given.starts_with('-') || given == "list" || given == "import") return "";
  std::string known, best = "list";
  for (const Verb& verb : verbs) {
    if (given == verb.name) return "";
    known += std::string(verb.name) + ", ";
    if (apps::edit_distance(given, verb.name) < apps::edit_distance(given, best)) best = verb.name;
  }
  return "unknown verb '" + apps::printable(given) + "'; did you mean '" + best + "'? There are " +
         known + "import, list";
}

void say(const std::string& message) {
  std::fflush(stdout);
  core::log::error("{}", message);
  std::fflush(stderr);
}

// Most errors are met by all ranks together: all end by themselves, and rank 0 speaks, beside those
// that met another one. A rank that is alone with its error must not leave the others waiting; rank 0
// then speaks first, and only a rank whose error it does not share lives long enough to speak too.
int report(const std::string& message, int exit_code) {
  const auto world = core::Comm::world();
  constexpr double patience_s = 2;
  const auto errors = core::Runtime::errors_of_all(message, patience_s);
  if (errors.empty()) {
    if (!world.is_root()) std::this_thread::sleep_for(std::chrono::seconds(2));
    say(message);
    core::Runtime::abort_all_ranks(exit_code);
  }
  if (world.is_root() || message != errors.front()) say(message);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs physics solvers, learns from them, and lets the learned model stand in.",
               "understudy");
  CommandLine line;
  define(app, line);
  for (int n = 0; n < argc; ++n) line.job.command += (n ? " " : "") + std::string(argv[n]);
  int parsed = 0;
  std::string refused;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e);
  } catch (const CLI::CallForAllHelp& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    refused = unknown_verb(argc, argv);
    if (refused.empty()) refused = e.what();
    parsed = 2;
  }

  core::Runtime runtime(argc, argv, {.threads = line.threads});
  core::catch_signals();
  core::log::set_level(level(line.log_level));
  try {
    if (parsed != 0) throw core::UserError(refused + "; understudy --help says what there is");
    act(app, line);
  } catch (const core::Interrupted& e) {
    // All ranks agreed to stop: nobody waits for anybody.
    if (core::Comm::world().is_root()) core::log::warn("{}", e.what());
    return e.exit_code();
  } catch (const core::Error& e) {
    return report(e.what(), e.exit_code());
  } catch (const std::exception& e) {
    return report(std::string("internal error (a bug; please report it): ") + e.what(), 1);
  }
  return 0;
}
