#include "pinn/settings_fit.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "pinn/networks.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/training/torch_points.hpp"

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

// What the sums of squares of a Gauss-Newton step do not have.
void require_gauss_newton(const Problem& problem, const Settings& s) {
  if (s.optimiser.kind != "gauss_newton") return;
  const auto refuse = [](const std::string& key, const std::string& value,
                         const std::string& valid) {
    throw UserError(
        core::format("{} is {}, and optimiser.kind gauss_newton takes {}", key, value, valid));
  };
  if (s.precision != "double") refuse("precision", s.precision, "double only");
  if (s.parallel.mode != "points") refuse("parallel.mode", s.parallel.mode, "points only");
  if (s.weighting.kind != "fixed") refuse("weighting.kind", s.weighting.kind, "fixed weights only");
  if (s.causal.chunks > 0)
    refuse("causal.chunks", core::format("{}", s.causal.chunks),
           "no weights that move with the loss; 0 turns them off");
  if (s.optimiser.lbfgs_iterations > 0)
    refuse("optimiser.lbfgs_iterations", core::format("{}", s.optimiser.lbfgs_iterations),
           "no finish after it; 0 is valid");
  if (s.optimiser.gradient_clip > 0)
    refuse("optimiser.gradient_clip", core::format("{:.3g}", s.optimiser.gradient_clip),
           "a trust region in its place; 0 is valid");
  if (s.optimiser.weight_decay > 0)
    refuse("optimiser.weight_decay", core::format("{:.3g}", s.optimiser.weight_decay),
           "no decay; 0 is valid");
  const long long weights = trained_weights(problem, s.network),
                  residuals = residuals_of_step(problem, s.sampling);
  if (std::min(weights, residuals) > most_unknowns)
    throw UserError(core::format(
        "optimiser.kind gauss_newton factors a dense matrix of the smaller of {} weights and {} residuals a "
        "step, and takes {} at most; give a smaller network.width or depth, fewer points (sampling), "
        "or kind: soap",
        weights, residuals, most_unknowns));
}

}  // namespace

void require_fit(const Problem& problem, const Settings& settings) {
  check_problem(problem);
  require_points(problem, settings.sampling);
  require_time(problem, settings);
  require_domains(problem, settings.parallel);
  require_gauss_newton(problem, settings);
  start_weights(problem, settings);
}

long long trained_weights(const Problem& problem, const NetworkSettings& network) {
  auto groups = problem.networks;
  if (groups.empty()) {
    groups.emplace_back();
    groups[0].fields.resize(problem.fields.size());
    groups[0].inputs.resize(problem.inputs.size());
  }
  long long sum = static_cast<long long>(problem.parameters.size());
  for (const auto& group : groups)
    for (const JetWeight& weight :
         make_program(network, int(group.inputs.size()), int(group.fields.size())).weights) {
      if (!weight.trained) continue;
      long long count = 1;
      for (const long long n : weight.shape) count *= n;
      sum += count + (network.factorised && weight.shape.size() == 2 ? weight.shape[0] : 0);
    }
  return sum;
}

long long residuals_of_step(const Problem& problem, const SamplingSettings& sampling) {
  const auto counts = point_counts(problem, sampling);
  long long sum = 0;
  for (std::size_t t = 0; t < counts.size(); ++t)
    sum += counts[t] * static_cast<long long>(problem.terms[t].equations.size());
  return sum;
}

// Of residuals n and weights w: rows, on several ranks twice, and three squares of n; or three squares of w, and
// blocks of rows.
double gauss_newton_bytes(long long residuals, long long weights, int ranks) {
  const double n = double(residuals), w = double(weights), copies = ranks > 1 ? 2 : 1;
  return sizeof(double) * (n < w ? copies * n * w + 3 * n * n : 3 * w * w) +
         (2 + ranks) * row_block_bytes;
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
