#include "apps/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "apps/deck/deck_tree.hpp"
#include "apps/deck/words.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

namespace {

struct Word {
  std::string name, help;
  std::vector<std::string> apps;  ///< that have it
};

// What takes a deck: the union of the apps' verbs, in the order in which they come.
std::vector<Word> deck_verbs(std::span<const App> apps) {
  std::vector<Word> words;
  for (const App& app : apps)
    for (const Verb& verb : app.make()->verbs()) {
      auto place = std::ranges::find(words, verb.name, &Word::name);
      if (place == words.end()) place = words.insert(place, Word{verb.name, verb.help, {}});
      place->apps.push_back(app.name);
    }
  for (Word& word : words)
    if (word.apps.size() == 1 && apps.size() > 1) word.help += " (app: " + word.apps[0] + ")";
  words.push_back({"check", "validate only; print the resolved deck", {}});
  return words;
}

void define_plan(CLI::App& verb, PlanOptions& options) {
  verb.add_option("--machine", options.machine,
                  "YAML file of another machine (machines/): times there, extrapolated");
  verb.add_option("-n,--for-ranks", options.for_ranks,
                  "ranks to plan for (default: those of this call)")
      ->check(CLI::Range(1, 10000000));
  verb.add_option(
          "--budget", options.budget_s,
          "seconds that each part of the pilot may take: simulations, classical runs, networks "
          "(default: 20)")
      ->check(CLI::Range(0.01, 100000.0));
}

void define_export(CLI::App& app, ExportOptions& options) {
  CLI::App* exported = app.add_subcommand(
      "export", "a trained model as one file for other programs (TorchScript, ONNX, safetensors)");
  exported->add_option("model", options.model, "model folder")->required();
  exported
      ->add_option(
          "--to", options.format,
          "torchscript or onnx: a function from physical to physical values; safetensors: weights and "
          "card")
      ->required()
      ->check(CLI::IsMember({"torchscript", "onnx", "safetensors"}));
  exported->add_option("--out", options.out, "file to write")->required();
  exported->add_option(
      "--samples", options.samples,
      "also write random inputs and what the program predicts for them, as safetensors, to "
      "check the file by elsewhere");
  exported->add_flag("--overwrite", options.overwrite, "files that are there already are replaced");
}

void define(CLI::App& app, const std::vector<Word>& verbs, CommandLine& line) {
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help of every verb");
  // Taken out of the arguments before they come here: plugin_loader.hpp.
  app.footer(
      "--plugin FILE, before or after the verb and as often as wanted: a shared library that brings apps, "
      "networks, gates or problems of its own (docs/library.md, Plugins). It is a PROGRAM, and can do anything "
      "that you can.");
  for (const Word& verb : verbs) {
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
    if (verb.name == "plan") define_plan(*sub, line.plan);
  }
  CLI::App* imported = app.add_subcommand(
      "import",
      "a model trained elsewhere, of fields or of points (a program: only from whom you trust)");
  imported->footer(
      "Such a file is a PROGRAM, in whichever of the three ways it is imported: once loaded it can do anything "
      "that you can (read, write and delete files, open connections). Import only what comes from somebody "
      "you trust. No other verb loads such files; this program's own weights (weights.safetensors) are "
      "numbers and nothing else.");
  imported
      ->add_option("model", line.imported.file,
                   "TorchScript file, AOTInductor package or, of fields, ONNX file (a program)")
      ->required();
  auto* card = imported->add_option("--card", line.imported.card,
                                    "YAML: what the file takes and gives (docs/import.md)");
  auto* out = imported->add_option("--out", line.imported.out, "model folder to write");
  auto* overwrite = imported->add_flag("--overwrite", line.imported.overwrite,
                                       "a model that is in the folder already is replaced");
  auto* convert = imported->add_flag(
      "--convert", line.imported.convert,
      "MODEL is a model folder (or checkpoint.pt) of an earlier version, whose weights.pt is a program: "
      "run it once, and write its numbers into weights.safetensors beside it");
  auto* trust = imported->add_flag(
      "--trust", line.imported.trust,
      "MODEL is a model folder that was imported elsewhere, or a plugin that a deck names: accept the "
      "program in it (its SHA-256 goes on your list, $UNDERSTUDY_TRUSTED_PROGRAMS or "
      "~/.local/state/understudy/trusted_programs)");
  convert->excludes(card, out, overwrite, trust);
  trust->excludes(card, out, overwrite);
  define_export(app, line.exported);
  CLI::App* list = app.add_subcommand("list", "apps, networks, policies, backends of this build");
  list->add_flag("--deck-reference", line.deck_reference, "")->group("");
}

// CLI11 only says that a verb is wanted.
std::string unknown_verb(int argc, char** argv, const std::vector<Word>& verbs) {
  const std::string given = argc > 1 ? argv[1] : "";
  if (given.empty() || given.starts_with('-')) return "";
  std::vector<std::string> known;
  for (const Word& verb : verbs) known.push_back(verb.name);
  known.insert(known.end(), {"import", "export", "list", "help"});
  if (std::ranges::find(known, given) != known.end()) return "";
  return "unknown verb '" + printable(given) + "'; did you mean '" + nearest(given, known) +
         "'? There are " + core::joined(known);
}

// `help` is --help, and `help VERB` is `VERB --help`.
std::vector<char*> with_help_as_option(int argc, char** argv) {
  static char option[] = "--help";
  std::vector<char*> words(argv, argv + argc);
  if (argc < 2 || std::string_view(argv[1]) != "help") return words;
  words.erase(words.begin() + 1);
  while (words.size() > 1 && std::string_view(words[1]) == "help") words.erase(words.begin() + 1);
  words.push_back(option);
  return words;
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv, std::span<const App> apps) {
  CLI::App app("Runs physics solvers, learns from them, and lets the learned model stand in.",
               "understudy");
  CommandLine line;
  const auto verbs = deck_verbs(apps);
  define(app, verbs, line);
  for (int n = 0; n < argc; ++n) line.job.command += (n ? " " : "") + std::string(argv[n]);
  line.imported.command = line.job.command;
  std::vector<char*> words = with_help_as_option(argc, argv);
  const int count = static_cast<int>(words.size());
  if (argc > 1 && std::string_view(argv[1]) == "help")
    line.refused = unknown_verb(count, words.data(), verbs);
  if (!line.refused.empty()) return line;
  try {
    app.parse(count, words.data());
    line.job.verb = app.get_subcommands().front()->get_name();
    const ImportOptions& from = line.imported;
    if (line.job.verb == "import" && !from.convert && !from.trust)
      line.refused = from.card.empty()  ? "--card is required"
                     : from.out.empty() ? "--out is required"
                                        : "";
  } catch (const CLI::Success& e) {  // help
    line.done = true;
    line.exit_code = app.exit(e);
  } catch (const CLI::ParseError& e) {
    line.refused = unknown_verb(count, words.data(), verbs);
    if (line.refused.empty()) line.refused = e.what();
  }
  return line;
}

}  // namespace understudy::apps
