// The problem that a deck writes itself, by formulas (pinn/formulas/formula_problem.hpp). Its residuals are
// evaluated on the same jets as those of the problems in C++.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "pinn/formulas/formula_plan.hpp"
#include "pinn/formulas/formula_values.hpp"
#include "pinn/formulas/torch_formula.hpp"
#include "pinn/grid_reference.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/samples.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/torch_samples.hpp"

namespace understudy::pinn {

namespace {

constexpr int usual_samples = 2000;

Term::Kind kind_of(PlannedTerm::Kind kind) {
  switch (kind) {
    case PlannedTerm::Kind::interior:
      return Term::Kind::interior;
    case PlannedTerm::Kind::boundary:
      return Term::Kind::boundary;
    case PlannedTerm::Kind::initial:
      return Term::Kind::initial;
    default:
      return Term::Kind::data;
  }
}

void require_finite(const std::vector<double>& values, const FormulaPlan& plan,
                    const std::vector<double>& point) {
  for (std::size_t c = 0; c < values.size(); ++c) {
    if (std::isfinite(values[c])) continue;
    std::string at;
    for (std::size_t i = 0; i < point.size(); ++i)
      at += core::format("{}{} = {:.6g}", i > 0 ? ", " : "", plan.inputs[i].name, point[i]);
    throw core::UserError(core::format("problem.samples.columns: the formula of '{}' is {} at {}",
                                       plan.columns[c], values[c], at));
  }
}

// Without a file: the columns' formulas at random points of the box.
Samples made_samples(const FormulaPlan& plan, const ProblemChoice& choice) {
  if (!plan.made)
    throw core::UserError(
        "problem.data: names no file, and not all of problem.samples.columns have a formula to make "
        "samples with; give either");
  core::SplitMix random(choice.seed);
  Samples samples;
  for (const auto& input : plan.inputs) samples.names.push_back(input.name);
  samples.names.insert(samples.names.end(), plan.columns.begin(), plan.columns.end());
  samples.columns.resize(samples.names.size());
  const int count = choice.data_points > 0 ? choice.data_points : usual_samples;
  std::vector<double> point(plan.inputs.size());
  for (int n = 0; n < count; ++n) {
    for (std::size_t i = 0; i < point.size(); ++i) {
      const auto& in = plan.inputs[i];
      point[i] = in.lower + (in.upper - in.lower) * random.uniform();
      samples.columns[i].push_back(point[i]);
    }
    const auto values = values_at(*plan.made, point);
    require_finite(values, plan, point);
    for (std::size_t c = 0; c < values.size(); ++c)
      samples.columns[point.size() + c].push_back(values[c]);
  }
  add_noise(samples, point.size(), choice.noise, choice.seed);
  return samples;
}

Samples samples_of(const FormulaPlan& plan, const ProblemChoice& choice) {
  if (choice.data.empty()) return made_samples(plan, choice);
  SampleRequest request{.file = data_path(choice, "samples"),
                        .inputs = plan.inputs,
                        .measured = plan.file_columns,
                        .points = choice.data_points};
  request.noise = choice.noise;
  request.seed = choice.seed;
  request.units = plan.column_units;
  return read_samples(request);
}

void add_terms(Problem& p, const FormulaPlan& plan, const ProblemChoice& choice) {
  Region at_samples = p.interior();
  if (!plan.columns.empty()) {
    const Samples samples = samples_of(plan, choice);
    at_samples.points = points_of(samples, int(p.inputs.size()));
    at_samples.data = values_of(samples, int(p.inputs.size()));
  }
  for (const PlannedTerm& planned : plan.terms) {
    std::vector<Equation> equations;
    for (std::size_t e = 0; e < planned.equations.size(); ++e)
      equations.push_back({planned.equations[e], planned.units[e], planned.scales[e]});
    Region region = at_samples;
    if (planned.kind != PlannedTerm::Kind::data) {
      region = p.interior();
      region.lower = planned.lower;
      region.upper = planned.upper;
    }
    p.add(planned.name, std::move(equations), std::move(region), kind_of(planned.kind)).residuals =
        [formulas = planned.formulas](const Fields& f) { return evaluate(formulas, f); };
  }
}

// cos and sin of the inputs with a period, the others scaled to [-1, 1].
void make_periodic(Problem& p, const std::vector<bool>& periodic) {
  if (std::find(periodic.begin(), periodic.end(), true) == periodic.end()) return;
  std::vector<double> waves;
  for (std::size_t i = 0; i < periodic.size(); ++i)
    waves.push_back(periodic[i] ? 2 * std::numbers::pi / (p.inputs[i].upper - p.inputs[i].lower)
                                : 0);
  p.features = [waves](const std::vector<Jet>& inputs, const InputBox& box, int) {
    std::vector<Jet> features;
    for (std::size_t i = 0; i < waves.size(); ++i) {
      if (waves[i] == 0) {
        features.push_back(scaled(inputs, box, int(i)));
        continue;
      }
      features.push_back(cos(inputs[i] * waves[i]));
      features.push_back(sin(inputs[i] * waves[i]));
    }
    return features;
  };
}

Reference by_formulas(const std::vector<Formulas>& fields) {
  return [fields](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> values(fields.size());
    for (std::size_t f = 0; f < fields.size(); ++f)
      for (const auto& point : points)
        values[f].push_back(fields[f].roots().empty() ? std::numeric_limits<double>::quiet_NaN()
                                                      : values_at(fields[f], point).front());
    return values;
  };
}

void add_reference(Problem& p, const FormulaPlan& plan, const ProblemChoice& choice) {
  if (const std::string& file = choice.formulas->reference_file; !file.empty()) {
    const std::filesystem::path path = file;
    const auto grid = std::make_shared<const GridReference>(
        path.is_absolute() ? path : choice.directory / path, p.inputs, p.fields);
    p.reference = [grid](const std::vector<std::vector<double>>& points) {
      return grid->at(points);
    };
  }
  for (std::size_t f = 0; f < plan.reference.size(); ++f)
    if (!plan.reference[f].roots().empty()) p.judged.push_back(p.fields[f].name);
  if (!p.judged.empty()) p.reference = by_formulas(plan.reference);
  if (p.reference) p.error_to_reach = choice.formulas->error_to_reach;
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  if (!choice.formulas)
    throw core::UserError(
        "problem from_deck: its equations are those of the deck's section 'problem', and there are "
        "none");
  const FormulaPlan planned = plan(*choice.formulas, choice.constants);
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "from_deck";
  p.title = choice.formulas->title.empty() ? "Equations of the deck" : choice.formulas->title;
  p.source = choice.formulas->source.empty() ? "the deck" : choice.formulas->source;
  p.inputs = planned.inputs;
  p.fields = planned.fields;
  p.parameters = planned.parameters;
  p.evaluation = planned.evaluation;
  add_terms(p, planned, choice);
  make_periodic(p, planned.periodic);
  if (planned.exact)
    p.transform = [formulas = *planned.exact](const std::vector<Jet>& in,
                                              const std::vector<Jet>& out) {
      return evaluate(formulas, in, out);
    };
  if (planned.initial)
    p.initial = [formulas = *planned.initial](const at::Tensor& points) {
      return evaluate(formulas, points);
    };
  add_reference(p, planned, choice);
  return made;
}

}  // namespace

ProblemEntry from_deck() {
  ProblemEntry entry{"from_deck", "equations that the deck writes itself, as formulas",
                     "the deck's own"};
  entry.takes_data = entry.has_samples = true;
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
