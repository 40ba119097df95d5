#include "apps/pinn/pinn_result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/study/card_file.hpp"
#include "apps/study/model_folder.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

void PinnNumberCard::describe(core::ParamVisitor& v) {
  v.text("name", name, "of the number");
  v.text("unit", unit, "of it");
  v.real("value", value, {}, "", "in that unit");
}

void PinnCard::describe(core::ParamVisitor& v) {
  v.integer("card_version", card_version, {.at_least = 1, .at_most = 1}, "of this file");
  v.text("problem", problem, "name in the catalog");
  v.text("title", title, "of the problem");
  v.text("source", source, "of the problem and its accuracy");
  v.texts("inputs", inputs, "of a problem that its deck writes");
  v.texts("fields", fields, "of it");
  v.texts("equations", equations, "of it: what vanishes");
  v.list("constants", constants, "numbers of the equations");
  v.list("parameters", parameters, "unknown numbers, as found");
  v.list("truth", truth, "of those for which it is known");
  v.list("errors", errors, "relative L2 of the fields, against the reference");
  v.real("error_to_reach", error_to_reach, {.at_least = 0}, "1", "relative L2; 0: none is set");
  v.group("network", network, "the network of the fields");
  v.group("parallel", parallel, "what the ranks shared");
  v.integer("windows", windows, {.at_least = 1}, "of time");
  v.choice("precision", precision, {"single", "double"}, "of the weights");
  v.integer("seed", seed, {.at_least = 0}, "of weights, points, noise");
  v.integer("weight_count", weight_count, {.at_least = 0}, "numbers that were trained");
  v.integer("steps", steps, {.at_least = 0}, "of training");
  v.real("train_s", train_s, {.at_least = 0}, "s", "wall time of training");
  v.real("iteration_s", iteration_s, {.at_least = 0}, "s", "median of a step");
  v.integer("threads", threads, {.at_least = 1}, "of training, a rank");
  v.integer("ranks", ranks, {.at_least = 1}, "of training");
  v.text("device", device, "of training");
  v.text("weights_hash", weights_hash, "of weights.safetensors");
  v.text("data_hash", data_hash, "of the file of samples; empty: there were none");
  v.text("training_hash", training_hash, "of the deck's keys that bear on training");
  v.text("deck_hash", deck_hash, "of the resolved deck");
  v.text("version", version, "of the program");
  v.text("git", git, "commit of the program");
  v.text("created", created, "UTC");
  v.text("host", host, "where it was trained");
}

void PinnResult::set_solution(std::shared_ptr<pinn::Solution> trained) {
  solution = std::move(trained);
  parameters = solution->parameters();
  weight_count = solution->weight_count();
}

bool PinnResult::is_judged(std::size_t field) const {
  return about.judged.empty() ||
         (field < about.fields.size() &&
          std::ranges::find(about.judged, about.fields[field].name) != about.judged.end());
}

double PinnResult::worst(const std::vector<double>& errors_of) const {
  double worst = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t f = 0; f < errors_of.size(); ++f)
    if (is_judged(f)) worst = std::fmax(worst, errors_of[f]);
  return worst;
}

bool PinnResult::is_judged() const {
  return about.error_to_reach > 0 && !std::isnan(worst_error());
}

double relative_error(const pinn::ParameterValue& parameter) {
  const double truth = parameter.info.truth;
  if (truth == 0 || !parameter.info.has_scale) return std::numeric_limits<double>::quiet_NaN();
  return std::abs(parameter.value - truth) / std::abs(truth);
}

double absolute_error(const pinn::ParameterValue& parameter) {
  return std::abs(parameter.value - parameter.info.truth);
}

bool is_judged(const pinn::ParameterValue& parameter) {
  return parameter.info.tolerance > 0 && std::isfinite(relative_error(parameter));
}

bool passed(const pinn::ParameterValue& parameter) {
  return is_judged(parameter) && relative_error(parameter) <= parameter.info.tolerance;
}

namespace {

// What the card of a problem from a deck has, and the catalogue of others.
void take_formulas(const pinn::FormulaProblem& problem, PinnCard& card) {
  for (const auto& input : problem.inputs) card.inputs.push_back(input.name);
  for (const auto& field : problem.fields) {
    card.fields.push_back(field.name);
    if (!field.exact.empty())
      card.equations.push_back(core::format("{} := {}", field.name, field.exact));
  }
  for (const auto* all : {&problem.residuals, &problem.conditions})
    for (const auto& e : *all)
      card.equations.push_back(e.at.empty() ? core::format("{}: {}", e.name, e.formula)
                                            : core::format("{} ({}): {}", e.name, e.at, e.formula));
  for (const auto& fit : problem.samples.residuals)
    card.equations.push_back(core::format("{} (samples): {}", fit.name, fit.formula));
}

PinnCard card_of(const PinnJob& job, const PinnResult& result) {
  PinnCard card;
  if (job.deck.problem.is_from_deck()) take_formulas(job.deck.problem.formulas, card);
  card.problem = result.about.name;
  card.title = result.about.title;
  card.source = result.about.source;
  for (const auto& info : job.entry().constants)
    card.constants.push_back(
        {info.name, info.unit, job.deck.problem.constants.values.at(info.name)});
  for (const auto& parameter : result.parameters) {
    card.parameters.push_back({parameter.info.name, parameter.info.unit, parameter.value});
    if (std::isfinite(parameter.info.truth))
      card.truth.push_back({parameter.info.name, parameter.info.unit, parameter.info.truth});
  }
  for (std::size_t f = 0; f < result.errors.size(); ++f)
    if (std::isfinite(result.errors[f]))
      card.errors.push_back({result.about.fields[f].name, "1", result.errors[f]});
  card.error_to_reach = result.about.error_to_reach;
  card.network = job.deck.settings.network;
  card.parallel = job.deck.settings.parallel;
  card.windows = job.deck.settings.curriculum.windows;
  card.precision = job.deck.settings.precision;
  card.seed = job.deck.seed;
  card.weight_count = result.weight_count;
  card.steps = result.steps;
  card.train_s = result.train_s;
  card.iteration_s = result.iteration_s;
  card.threads = result.threads;
  card.ranks = result.ranks;
  card.device = result.device;
  card.data_hash = result.data_hash;
  card.training_hash = job.training_hash;
  card.deck_hash = job.provenance.deck_hash;
  card.version = job.provenance.version;
  card.git = job.provenance.git;
  card.created = job.provenance.started;
  card.host = job.provenance.host;
  return card;
}

std::string readme(const PinnCard& card) {
  std::string text = core::format(
      "# {}\n\nA solution of the problem `{}` by a physics-informed network: `weights.safetensors` has the "
      "weights, "
      "`card.yaml` what they were made for. A deck starts from it with `start: <this folder>`.\n\n"
      "| field | relative L2 error |\n| --- | --- |\n",
      card.title, card.problem);
  for (const auto& error : card.errors)
    text += core::format("| {} | {:.3g} |\n", error.name, error.value);
  if (card.errors.empty()) text += "| no reference is known | |\n";
  if (card.error_to_reach > 0)
    text += core::format("\nTo reach: {:.3g} ({}).\n", card.error_to_reach, card.source);
  if (!card.parameters.empty()) text += "\n| parameter | found | truth |\n| --- | --- | --- |\n";
  for (const auto& parameter : card.parameters) {
    const auto truth = std::ranges::find(card.truth, parameter.name, &PinnNumberCard::name);
    text += core::format(
        "| {} | {:.6g} | {} |\n", parameter.name, parameter.value,
        truth == card.truth.end() ? "not known" : core::format("{:.6g}", truth->value));
  }
  if (!card.equations.empty()) text += "\nEquations, of what vanishes:\n\n";
  for (const auto& equation : card.equations) text += core::format("    {}\n", equation);
  return text +
         core::format(
             "\nNetwork: {}, depth {}, width {}, {} weights; {} steps in {:.1f} s on {} ranks of {} "
             "threads. Made by version {} ({}), {}.\n",
             card.network.kind, card.network.depth, card.network.width, card.weight_count,
             card.steps, card.train_s, card.ranks, card.threads, card.version, card.git,
             card.created);
}

// What the weights are of: differences make them useless.
void require_same(const PinnCard& card, const PinnJob& job, const std::filesystem::path& folder) {
  const auto differ = [&](const char* key, const auto& theirs, const auto& mine) {
    if (theirs == mine) return;
    throw core::UserError(core::format(
        "{}: its card says {}: {}, the deck {}; both must be the same to go on from it",
        folder.string(), key, theirs, mine));
  };
  const auto& own = job.deck.settings.network;
  differ("problem", card.problem, job.deck.problem.name);
  if (job.deck.problem.is_from_deck()) {
    PinnCard mine;
    take_formulas(job.deck.problem.formulas, mine);
    differ("problem.inputs", core::joined(card.inputs), core::joined(mine.inputs));
    differ("problem.fields", core::joined(card.fields), core::joined(mine.fields));
  }
  differ("network.kind", card.network.kind, own.kind);
  differ("network.depth", card.network.depth, own.depth);
  differ("network.width", card.network.width, own.width);
  differ("network.activation", card.network.activation, own.activation);
  differ("network.fourier_features", card.network.fourier_features, own.fourier_features);
  differ("network.factorised", card.network.factorised, own.factorised);
  differ("curriculum.windows", card.windows, (long long)(job.deck.settings.curriculum.windows));
  differ("parallel.mode", card.parallel.mode, job.deck.settings.parallel.mode);
  const auto text = [](const std::vector<long long>& all) {
    std::string list;
    for (const long long n : all) list += (list.empty() ? "" : ", ") + std::to_string(n);
    return "[" + list + "]";
  };
  differ("parallel.domains", text(card.parallel.domains), text(job.deck.settings.parallel.domains));
}

}  // namespace

void write_pinn_model(const PinnJob& job, const PinnResult& result) {
  const auto folder = job.model();
  job.comm.on_root<core::UserError>([&] { core::make_folder(folder, "model folder"); });
  result.solution->save(folder);
  PinnCard card = card_of(job, result);
  job.comm.on_root<core::UserError>([&] {
    card.weights_hash = hash_of_file(folder / "weights.safetensors");
    core::write_file(folder / "README.md", readme(card));
    write_card_file(folder / "card.yaml", card);
  });
}

PinnCard read_pinn_card(const std::filesystem::path& folder) {
  const auto path = folder / "card.yaml";
  if (!std::filesystem::exists(path))
    throw core::UserError(core::format(
        "no solution in {} (card.yaml is missing); `understudy pinn` writes one into <out>/model",
        folder.string()));
  PinnCard card;
  read_card_file(path, card);
  return card;
}

std::shared_ptr<pinn::Solution> load_pinn_model(const PinnJob& job,
                                                const std::filesystem::path& folder,
                                                std::shared_ptr<const pinn::Problem> problem) {
  const PinnCard card = read_pinn_card(folder);
  require_same(card, job, folder);
  const auto weights = folder / "weights.safetensors";
  if (std::filesystem::exists(weights) && hash_of_file(weights) != card.weights_hash)
    throw core::UserError(core::format(
        "{} is not the file that the card beside it was written with; `understudy pinn` "
        "writes both anew",
        weights.string()));
  return loaded_by(folder / "card.yaml", [&] {
    return pinn::load_solution(std::move(problem), job.deck.settings, folder);
  });
}

std::shared_ptr<pinn::Solution> load_start(const PinnJob& job,
                                           std::shared_ptr<const pinn::Problem> problem) {
  const int windows = job.deck.settings.curriculum.windows;
  if (windows > 1)
    throw core::UserError(
        core::format("start: curriculum.windows is {}, and each window starts from the one before; "
                     "with start, 1 is valid",
                     windows));
  return load_pinn_model(job, std::filesystem::path(job.deck.directory) / job.deck.start,
                         std::move(problem));
}

}  // namespace understudy::apps
