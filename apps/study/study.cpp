#include "apps/study/study.hpp"

#include <algorithm>
#include <stdexcept>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_writer.hpp"
#include "apps/deck/words.hpp"
#include "apps/study/run_crate.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

namespace {

constexpr const char* check_verb = "check";

std::vector<std::string> names_of(std::span<const App> apps) {
  std::vector<std::string> names;
  for (const App& app : apps) names.push_back(app.name);
  return names;
}

// Of the verbs that this build has, check included.
std::vector<std::string> taken(const std::vector<Verb>& verbs) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs)
    if (verb.unavailable.empty()) names.push_back(verb.name);
  names.emplace_back(check_verb);
  return names;
}

// The apps whose decks a verb is for.
std::string takers(const std::string& verb, std::span<const App> apps) {
  std::vector<std::string> names;
  for (const App& app : apps)
    for (const Verb& own : app.make()->verbs())
      if (own.name == verb) names.push_back(app.name);
  if (names.empty()) return "";
  return core::format("; {} takes decks with app: {}", verb, core::joined(names));
}

void require_verb(const JobOptions& options, const App& app, Study& study,
                  std::span<const App> apps) {
  if (options.verb.empty() || options.verb == check_verb) return;
  const auto verbs = study.verbs();
  const auto verb = std::ranges::find(verbs, options.verb, &Verb::name);
  if (verb == verbs.end())
    throw core::UserError(core::format("{}: a deck with app: {} does not take `{}`; it takes {}{}",
                                       options.deck, app.name, options.verb,
                                       core::joined(taken(verbs)), takers(options.verb, apps)));
  if (!verb->unavailable.empty())
    throw core::UserError(core::format("{}: `{}` of a deck with app: {} {}; this one takes {}",
                                       options.deck, options.verb, app.name, verb->unavailable,
                                       core::joined(taken(verbs))));
}

Job make_job(const JobOptions& options, DeckTree tree, const App& app, Study& study) {
  Job job;
  job.verb = options.verb;
  job.app = app.name;
  job.precision = study.precision();
  job.tree = std::move(tree);
  job.out = options.out.empty() ? std::filesystem::path("out") / job.name()
                                : std::filesystem::path(options.out);
  job.resume = options.resume;
  job.plugins = options.plugins;
  core::Provenance provenance = core::describe_build_and_host(options.command);
  provenance.git = code_with_plugins(provenance.git, options.plugins);
  provenance.deck = write_deck(study);
  provenance.deck_hash = core::sha256(provenance.deck).substr(0, 16);
  provenance.seed = study.seed();
  job.provenance = core::broadcast_from_root(provenance, job.comm);
  return job;
}

// As YAML takes them, whatever is in a name.
std::string plugins_key(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) {
    text += text.empty() ? "\"" : ", \"";
    for (const char c : file) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return "plugins: [" + text + "]\n";
}

}  // namespace

const App& app_of(const DeckTree& tree, std::span<const App> apps) {
  const auto names = names_of(apps);
  const DeckNode* app = tree.root.find("app");
  if (!app)
    throw core::UserError(core::format("{}: app: is required: what the deck is of; there are {}",
                                       tree.name, core::joined(names)));
  for (const App& one : apps)
    if (app->kind == DeckNode::Kind::scalar && app->text == one.name) return one;
  throw core::UserError(core::format(
      "{}: app: given {}, which is not one of {}; did you mean '{}'? An app of a plugin is there when "
      "the plugin is loaded: --plugin FILE",
      tree.where(*app), given(*app), core::joined(names), suggestion(app->text, names)));
}

OpenStudy open_study(const JobOptions& options, std::span<const App> apps) {
  return open_study(options, DeckTree::read(options.deck, options.settings), apps);
}

OpenStudy open_study(const JobOptions& options, DeckTree tree, std::span<const App> apps) {
  const std::vector<std::string> plugins = take_plugins(tree);
  const App& app = app_of(tree, apps);
  auto study = app.make();
  require_verb(options, app, *study, apps);
  study->prepare(tree);
  read_deck(tree, *study);
  Job job = make_job(options, std::move(tree), app, *study);
  job.deck_plugins = plugins;
  return {&app, std::move(study), std::move(job)};
}

void act(OpenStudy& open) {
  const auto verbs = open.study->verbs();
  const auto verb = std::ranges::find(verbs, open.job.verb, &Verb::name);
  Summary summary(open.job);
  verb->act(open.job, summary);
  if (!*open.job.opened)
    throw std::logic_error("the verb " + open.job.verb + " returned without open_output()");
  summary.write();
  write_run_crate(open.job, open.study->publication());
}

std::string checked(OpenStudy& open) {
  const Job& job = open.job;
  const auto lines = open.study->check(job);
  std::string text = core::format("# {}: valid; every key with its value (hash {})\n",
                                  job.tree.name, job.provenance.deck_hash);
  for (const auto& line : lines) text += line + '\n';
  if (!job.deck_plugins.empty()) text += plugins_key(job.deck_plugins);
  return text + write_deck(*open.study, true);
}

}  // namespace understudy::apps
