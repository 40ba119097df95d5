#include "apps/pinn/pinn_verbs.hpp"

#include "apps/deck/deck_writer.hpp"
#include "apps/pinn/pinn_fields.hpp"
#include "apps/pinn/pinn_result.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/memory.hpp"
#include "pinn/settings_fit.hpp"

namespace understudy::apps {

namespace {

// What the deck's reader cannot know, as comments: a deck with them reads as before.
std::vector<std::string> terms_of(const pinn::ProblemDescription& about) {
  std::vector<std::string> inputs, fields, parameters;
  for (const auto& input : about.inputs)
    inputs.push_back(core::format("{} ({} to {})", input.name, input.lower, input.upper));
  for (const auto& field : about.fields) fields.push_back(field.name);
  for (const auto& parameter : about.parameters) parameters.push_back(parameter.name);
  std::vector<std::string> lines{core::format("# {}: {}", about.title, about.source),
                                 "# inputs: " + core::joined(inputs),
                                 "# fields: " + core::joined(fields)};
  if (!parameters.empty()) lines.push_back("# unknown parameters: " + core::joined(parameters));
  lines.push_back("# terms (weights:): " + core::joined(about.terms));
  for (const auto& caution : about.cautions) lines.push_back("# caution: " + caution);
  return lines;
}

// Of what training depends on.
std::string training_deck(PinnDeck deck) {
  deck.output = {};
  deck.compare = {};
  struct Solution {
    PinnDeck& deck;
    void describe(core::ParamVisitor& v) { deck.describe_solution(v); }
  } solution{deck};
  return write_deck(solution);
}

// The constants of each problem, after the keys that all decks have.
std::string constants_reference(std::span<const pinn::ProblemEntry> problems) {
  std::string text;
  for (const auto& entry : problems) {
    if (entry.constants.empty()) continue;
    DocWriter section;
    PinnConstants(entry).describe(section);
    const std::string table = section.text();  // begins with the heading of a deck's top
    text += core::format("## `problem.constants` of {}\n\n{}.{}", entry.name, entry.summary,
                         table.substr(table.find("\n\n")));
  }
  return text;
}

}  // namespace

void require_training_fits(const PinnJob& job, const pinn::Problem& problem) {
  const auto& s = job.deck.settings;
  const auto inputs = double(pinn::describe(problem).inputs.size());
  double weights = double(pinn::trained_weights(problem, s.network));
  for (const auto parts : s.parallel.domains) weights *= double(parts);
  // Weights, gradient, its mean and square; SOAP's factors and bases of both sides of each layer, too.
  const double copies = s.optimiser.kind == "soap" ? 8 : 4;
  const double points =
      (1.0 * s.sampling.interior + s.sampling.boundary + s.sampling.initial) * inputs;
  const double number = s.precision == "single" ? sizeof(float) : sizeof(double);
  const double factored =
      s.optimiser.kind == "gauss_newton"
          ? pinn::gauss_newton_bytes(pinn::residuals_of_step(problem, s.sampling),
                                     pinn::trained_weights(problem, s.network), job.comm.size())
          : 0;
  core::require_memory(
      {.bytes = number * (copies * weights + points) + factored,
       .what = core::format("training {:.3g} weights at {} points", weights, s.sampling.interior),
       .remedy = "use a smaller network (network.width, depth) or fewer points (sampling)"},
      core::Comm::self());
}

PinnJob PinnStudy::job(const Job& job) const {
  PinnJob own{job, deck_, training_deck(deck_), ""};
  own.deck.settings.seed = static_cast<unsigned long long>(deck_.seed);
  own.deck.settings.weights = deck_.weights.values;
  own.training_hash = core::sha256(own.training_deck).substr(0, 16);
  return own;
}

std::vector<Verb> PinnStudy::verbs() {
  const auto of = [this](void (*act)(PinnJob&, Summary&)) {
    return [this, act](Job& job, Summary& summary) {
      PinnJob own = this->job(job);
      act(own, summary);
    };
  };
  return {
      {"pinn", "solve or invert equations with a physics-informed network", of(pinn_verbs::solve)},
      {"compare", "the network beside the problem's classical method: report.html",
       of(pinn_verbs::compare)}};
}

std::vector<std::string> PinnStudy::check(const Job& job) {
  const PinnJob own = this->job(job);
  const auto problem = own.problem();
  const auto about = pinn::describe(*problem);
  pinn::require_fit(*problem, own.deck.settings);
  require_training_fits(own, *problem);
  output_points(own, about);
  if (!own.deck.start.empty()) load_start(own, problem);
  return terms_of(about);
}

App pinn_app(std::span<const pinn::ProblemEntry> problems) {
  CatalogSection section{"PINN problems (app: pinn, problem.name:)", {}};
  for (const auto& entry : problems) section.entries.push_back({entry.name, entry.summary});
  return {.name = "pinn",
          .summary = "equations and their inversion by physics-informed networks",
          .document = "docs/pinn.md",
          .make = [problems] { return std::make_unique<PinnStudy>(problems); },
          .parts = {section,
                    {"PINN networks (app: pinn, network.kind:)",
                     {{"mlp", "multilayer perceptron"},
                      {"modified_mlp",
                       "perceptron whose layers are gated by two encodings of the input"},
                      {"pirate_net", "residual adaptive blocks that start as a linear map"}}}},
          .reference_heading =
              "# Decks of physics-informed networks\n\nWith `app: pinn` a deck has these keys "
              "(docs/pinn.md). `weights` takes the names of the problem's\nterms, "
              "`problem.constants` its constants, below.\n\n",
          .reference_appendix = constants_reference(problems)};
}

}  // namespace understudy::apps
