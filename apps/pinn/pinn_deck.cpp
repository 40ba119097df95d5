#include "apps/pinn/pinn_deck.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "apps/deck/deck_keys.hpp"
#include "apps/deck/words.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "pinn/formulas/formula_plan.hpp"

namespace understudy::apps {

namespace {

using Problems = std::span<const pinn::ProblemEntry>;

std::vector<std::string> names_of(Problems problems) {
  std::vector<std::string> names;
  for (const auto& entry : problems) names.push_back(entry.name);
  return names;
}

const pinn::ProblemEntry* entry_of(Problems problems, const std::string& name) {
  for (const auto& entry : problems)
    if (entry.name == name) return &entry;
  return nullptr;
}

// The keys of everything else of a problem hang on its name: a wrong one is said alone.
const pinn::ProblemEntry* problem_of(const DeckTree& tree, Problems problems) {
  const DeckNode* group = tree.root.find("problem");
  const DeckNode* name = group ? group->find("name") : nullptr;
  if (!name) return nullptr;
  if (const auto* entry = entry_of(problems, name->text)) return entry;
  const auto names = names_of(problems);
  throw core::UserError(core::format(
      "{}: problem.name: there is no problem {}; did you mean '{}'? There are {}",
      tree.where(*name), given(*name), nearest(name->text, names), core::joined(names)));
}

// The keys of equations, which belong to a deck that writes them itself.
std::vector<std::string> formula_keys() {
  pinn::FormulaProblem formulas;
  std::vector<std::string> names;
  for (const auto& [key, value] : keys_of(formulas))
    if (const std::string name = key.substr(0, key.find('.'));
        names.empty() || names.back() != name)
      names.push_back(name);
  return names;
}

void require_no_formulas(const DeckTree& tree, const DeckNode& group,
                         const pinn::ProblemEntry& entry) {
  for (const auto& key : formula_keys())
    if (const DeckNode* node = group.find(key))
      throw core::UserError(core::format(
          "{}: problem.{}: the problem {} has equations of its own; a deck that writes its own has "
          "problem.name: from_deck",
          tree.where(*node), key, entry.name));
}

// The catalogue's entry with what the deck says of it: its constants, and whether there are samples.
PinnConstants constants_of_deck(const pinn::ProblemEntry& of, const DeckNode& group) {
  pinn::ProblemEntry entry = of;
  const DeckNode* constants = group.find("constants");
  if (constants && constants->kind == DeckNode::Kind::map)
    for (const auto& name : constants->keys)
      entry.constants.push_back({name, "", "number of the equations", 0, {}});
  entry.takes_data = entry.has_samples = group.find("samples") != nullptr;
  return PinnConstants(std::make_shared<const pinn::ProblemEntry>(std::move(entry)));
}

// `weights: {term: {equation: 2}}` (and --set weights.term.equation=2) is `weights: {term.equation: 2}`.
void flatten_weights(DeckTree& tree) {
  for (std::size_t n = 0; n < tree.root.keys.size(); ++n) {
    DeckNode& weights = tree.root.children[n];
    if (tree.root.keys[n] != "weights" || weights.kind != DeckNode::Kind::map) continue;
    DeckNode flat = weights;
    flat.keys.clear();
    flat.children.clear();
    for (std::size_t t = 0; t < weights.keys.size(); ++t) {
      const DeckNode& term = weights.children[t];
      if (term.kind != DeckNode::Kind::map) {
        flat.keys.push_back(weights.keys[t]);
        flat.children.push_back(term);
        continue;
      }
      for (std::size_t e = 0; e < term.keys.size(); ++e) {
        flat.keys.push_back(weights.keys[t] + "." + term.keys[e]);
        flat.children.push_back(term.children[e]);
      }
    }
    weights = flat;
  }
}

bool within(const core::Bounds& b, double value) {
  return value >= b.at_least && value <= b.at_most && value > b.above && value < b.below;
}

std::string words(const core::Bounds& b) {
  std::string text;
  const auto add = [&](const char* sign, double bound) {
    if (std::isfinite(bound))
      text += core::format("{}{} {}", text.empty() ? "" : ", ", sign, bound);
  };
  add(">=", b.at_least);
  add(">", b.above);
  add("<=", b.at_most);
  add("<", b.below);
  return text;
}

// Constants that the problem does not have, and values that they cannot take.
void require_stages(core::ParamVisitor& v, const PinnDeck& deck) {
  const auto* entry = deck.problem.constants.entry;
  if (!entry) return;
  std::vector<std::string> names;
  for (const auto& info : entry->constants) names.push_back(info.name);
  for (const auto& stage : deck.settings.curriculum.stages) {
    if (stage.constant.empty()) continue;  // said elsewhere
    const auto info =
        std::ranges::find(entry->constants, stage.constant, &pinn::ConstantInfo::name);
    const bool there = info != entry->constants.end();
    v.require(there, "curriculum",
              core::format("stages name the constant '{}'; problem {} has {}", stage.constant,
                           deck.problem.name, names.empty() ? "none" : core::joined(names)));
    if (there)
      v.require(within(info->bounds, stage.value), "curriculum",
                core::format("stages set the constant '{}' to {}, which is out of bounds: {}",
                             stage.constant, stage.value, words(info->bounds)));
  }
}

}  // namespace

PinnConstants::PinnConstants(const pinn::ProblemEntry& of) : entry(&of) {
  for (const auto& info : of.constants) values[info.name] = info.value;
}

PinnConstants::PinnConstants(std::shared_ptr<const pinn::ProblemEntry> of) : PinnConstants(*of) {
  own = std::move(of);
}

void PinnConstants::describe(core::ParamVisitor& v) {
  if (!entry) return;
  for (const auto& info : entry->constants)
    v.real(info.name.c_str(), values.at(info.name), info.bounds, info.unit.c_str(),
           info.help.c_str());
}

void PinnProblemParams::describe(core::ParamVisitor& v) {
  v.choice("name", name, names_of(known), "one of `understudy list`, PINN problems");
  v.require(!name.empty(), "name", "is missing; there are " + core::joined(names_of(known)));
  v.group("constants", constants, "numbers of the equations; each problem has its own");
  describe_formulas(v);
  v.text("data", data, "file of samples, for inverse problems, from the deck's folder on");
  const bool wants = constants.entry && constants.entry->wants_data;
  v.require(!wants || !data.empty(), "data",
            core::format("problem {} learns from samples: give their file", name));
  const bool takes = wants || (constants.entry && constants.entry->takes_data);
  v.require(takes || data.empty() || name.empty(), "data",
            core::format("problem {} takes no samples{}", name,
                         is_from_deck() ? "; problem.samples says what they are" : ""));
  v.integer("data_points", data_points, {.at_least = 0}, "of them, chosen at random; 0: all");
  v.real("noise", noise, {.at_least = 0, .at_most = 10}, "1",
         "added to the samples, of the standard deviation of each column");
  const bool samples = takes || !constants.entry || constants.entry->has_samples;
  v.require(samples || data_points == 0, "data_points",
            core::format("is {}, and problem {} has no samples; 0 is valid", data_points, name));
  v.require(samples || noise == 0, "noise",
            core::format("is {}, and problem {} has no samples; 0 is valid", noise, name));
}

// A deck's own equations; all keys where no problem is named, as in the deck reference.
void PinnProblemParams::describe_formulas(core::ParamVisitor& v) {
  if (!name.empty() && !is_from_deck()) return;
  formulas.describe(v);
  if (name.empty()) return;
  try {
    pinn::plan(formulas, constants.values);
  } catch (const pinn::FormulaError& error) {
    v.require(false, error.key.c_str(), error.text);
  }
}

void PinnWeights::describe(core::ParamVisitor& v) {
  for (auto& [name, value] : values)
    v.real(name.c_str(), value, {.at_least = 0}, "1", "weight of its mean square in the loss");
}

void PinnOutputParams::describe(core::ParamVisitor& v) {
  v.flag("vtk", vtk, "solution, reference, error and residuals for ParaView");
  v.flag("pictures", pictures, "the same as PNG");
  v.integers("points", points, 0, {.at_least = 1, .at_most = 100000},
             "of what is written, along each input; empty: the problem's evaluation grid, on "
             "which errors always are");
}

void PinnCompareParams::describe(core::ParamVisitor& v) {
  v.integer("resolutions", resolutions, {.at_least = 0, .at_most = 100},
            "of the classical method, coarsest first; 0: all");
  v.text(
      "inversion", inversion,
      "folder of a classical inversion of the same samples (understudy invert), from the deck's folder on, "
      "whose numbers and errors stand beside the network's; empty: none");
}

void PinnDeck::describe(core::ParamVisitor& v) {
  describe_solution(v);
  v.group("publication", publication, "what is said of the results when they are passed on");
}

void PinnDeck::describe_solution(core::ParamVisitor& v) {
  v.choice("app", app, {"pinn"}, "equations solved by physics-informed networks");
  v.choice("precision", settings.precision, {"single", "double"}, "of networks and training");
  v.integer("seed", seed, {.at_least = 0}, "of weights, points, noise");
  v.group("problem", problem, "what is solved");
  v.text("start", start,
         "model folder of an earlier solution to start from, from the deck's folder on; empty: "
         "random weights");
  v.group("weights", weights,
          "start weights in place of the problem's; keys are term.equation, as `check` lists them");
  settings.describe(v);
  require_stages(v, *this);
  v.group("output", output, "what is written");
  v.group("compare", compare, "beside the problem's classical method (compare)");
}

void PinnDeck::prepare(DeckTree& tree) {
  directory = tree.directory;
  name = std::filesystem::path(tree.name).stem().string();
  if (const auto* entry = problem_of(tree, problem.known)) {
    const DeckNode& group = *tree.root.find("problem");
    problem.name = entry->name;
    if (problem.is_from_deck()) {
      problem.constants = constants_of_deck(*entry, group);
    } else {
      require_no_formulas(tree, group, *entry);
      problem.constants = PinnConstants(*entry);
    }
  }
  flatten_weights(tree);
  if (const DeckNode* given_weights = tree.root.find("weights"))
    for (const auto& term : given_weights->keys) weights.values[term] = 1;
}

std::shared_ptr<const pinn::Problem> PinnJob::problem(
    const std::map<std::string, double>& changed) const {
  pinn::ProblemChoice choice;
  choice.constants = deck.problem.constants.values;
  for (const auto& [name, value] : changed) choice.constants[name] = value;
  choice.data = deck.problem.data;
  choice.data_points = deck.problem.data_points;
  choice.noise = deck.problem.noise;
  choice.directory = deck.directory;
  choice.seed = deck.settings.seed;
  if (deck.problem.is_from_deck())
    choice.formulas = std::make_shared<const pinn::FormulaProblem>(deck.problem.formulas);
  return entry().make(choice);
}

}  // namespace understudy::apps
