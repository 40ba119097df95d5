#include "pinn/settings_fit.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

using core::UserError;

struct Kind {
  Term::Kind kind;
  const char* key;
  int points;
};

// The first term of the kind that takes its points from the deck's number; null: none.
const Term* random_term(const Problem& problem, Term::Kind kind) {
  for (const Term& term : problem.terms)
    if (term.kind == kind && !term.region.points.defined()) return &term;
  return nullptr;
}

void require_points(const Problem& problem, const SamplingSettings& s) {
  for (const Kind& k : {Kind{Term::Kind::interior, "interior", s.interior},
                        Kind{Term::Kind::boundary, "boundary", s.boundary},
                        Kind{Term::Kind::initial, "initial", s.initial}}) {
    const Term* term = random_term(problem, k.kind);
    if (term && k.points < 1)
      throw UserError(core::format(
          "sampling.{} is {}: too few points; term '{}' of problem {} needs one or more", k.key,
          k.points, term->name, problem.name));
  }
}

void require_time(const Problem& problem, const Settings& s) {
  const bool has_time = std::any_of(problem.inputs.begin(), problem.inputs.end(),
                                    [](const InputInfo& input) { return input.is_time; });
  if (s.causal.chunks > 0 && !has_time)
    throw UserError(core::format("causal.chunks is {}, and problem {} has no time; 0 turns it off",
                                 s.causal.chunks, problem.name));
  if (s.causal.chunks > s.sampling.interior)
    throw UserError(core::format(
        "sampling.interior is {}: too few points for causal.chunks {}, which need one each",
        s.sampling.interior, s.causal.chunks));
  if (s.curriculum.windows > 1 && (!has_time || !problem.initial))
    throw UserError(core::format("curriculum.windows is {}, and problem {} {}; 1 is valid",
                                 s.curriculum.windows, problem.name,
                                 has_time ? "does not say its initial values" : "has no time"));
}

void require_domains(const Problem& problem, const ParallelSettings& s) {
  if (s.mode != "domains" || s.domains.size() == problem.inputs.size()) return;
  std::vector<std::string> names;
  for (const auto& input : problem.inputs) names.push_back(input.name);
  throw UserError(
      core::format("parallel.domains has {} entries; problem {} has {} inputs ({}), one entry each",
                   s.domains.size(), problem.name, names.size(), core::joined(names)));
}

}  // namespace

void require_fit(const Problem& problem, const Settings& settings) {
  check_problem(problem);
  require_points(problem, settings.sampling);
  require_time(problem, settings);
  require_domains(problem, settings.parallel);
  start_weights(problem, settings);
}

std::vector<double> start_weights(const Problem& problem, const Settings& settings) {
  std::vector<std::string> names;
  std::vector<double> weights;
  for (const Term& term : problem.terms)
    for (const Equation& equation : term.equations) {
      names.push_back(term.name + "." + equation.name);
      const auto given = settings.weights.find(names.back());
      weights.push_back(given == settings.weights.end() ? term.weight : given->second);
    }
  for (const auto& [name, weight] : settings.weights)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw UserError(core::format("weights: problem {} has no term '{}'; there are {}",
                                   problem.name, name, core::joined(names)));
  return weights;
}

}  // namespace understudy::pinn
