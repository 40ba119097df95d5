#include "apps/pinn/pinn_verbs.hpp"

#include <cstdio>

#include "apps/deck/deck_writer.hpp"
#include "apps/pinn/pinn_fields.hpp"
#include "apps/pinn/pinn_result.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "pinn/settings_fit.hpp"

namespace understudy::apps::pinn_verbs {

namespace {

struct Verb {
  const char* name;
  void (*act)(PinnJob&, Summary&);
  bool writes;
};

constexpr Verb verbs[] = {
    {"pinn", solve, true}, {"compare", compare, true}, {"check", check, false}};

// What the deck's reader cannot know, as comments: a deck with them reads as before.
std::string terms_of(const pinn::ProblemDescription& about) {
  std::vector<std::string> inputs, fields, parameters;
  for (const auto& input : about.inputs)
    inputs.push_back(core::format("{} ({} to {})", input.name, input.lower, input.upper));
  for (const auto& field : about.fields) fields.push_back(field.name);
  for (const auto& parameter : about.parameters) parameters.push_back(parameter.name);
  std::string text = core::format("# {}: {}\n# inputs: {}\n# fields: {}\n", about.title,
                                  about.source, core::joined(inputs), core::joined(fields));
  if (!parameters.empty()) text += "# unknown parameters: " + core::joined(parameters) + "\n";
  return text + "# terms (weights:): " + core::joined(about.terms) + "\n";
}

}  // namespace

void act(const JobOptions& options) {
  for (const Verb& verb : verbs) {
    if (options.verb != verb.name) continue;
    PinnJob job = make_pinn_job(options);
    Summary summary({job.verb, job.tree.name, job.deck.app, job.deck.settings.precision,
                     job.provenance, job.comm, job.out, job.clock});
    verb.act(job, summary);
    if (verb.writes) summary.write();
    return;
  }
  std::vector<std::string> known;
  for (const Verb& verb : verbs) known.push_back(verb.name);
  throw core::UserError(core::format("{}: a deck with app: pinn does not take `{}`; it takes {}",
                                     options.deck, options.verb, core::joined(known)));
}

void check(PinnJob& job, Summary&) {
  const auto problem = job.problem();
  const auto about = pinn::describe(*problem);
  pinn::require_fit(*problem, job.deck.settings);
  output_points(job, about);
  if (!job.deck.start.empty()) load_start(job, problem);
  if (!job.comm.is_root()) return;
  const std::string text =
      core::format("# {}: valid; every key with its value (hash {})\n{}{}", job.tree.name,
                   job.provenance.deck_hash, terms_of(about), write_deck(job.deck, true));
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::pinn_verbs
