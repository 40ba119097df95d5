#include "pinn/torch_problem.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/units.hpp"

namespace understudy::pinn {

namespace {

template <class Info>
std::string names(const std::vector<Info>& all) {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ", ") + one.name;
  return text.empty() ? "none" : text;
}

}  // namespace

at::Tensor FieldValue::derivative(const Derivative& inputs) const {
  if (!asked_) return jet_.d(inputs);
  asked_->push_back(inputs);
  return at::zeros_like(jet_.value());
}

FieldValue Fields::operator[](const std::string& field) const {
  const int index = source_.problem->field_index(field);
  if (index < 0)
    throw core::UserError(core::format("problem {}: a residual asks for field '{}'; there are {}",
                                       source_.problem->name, field,
                                       names(source_.problem->fields)));
  return {source_.jets[std::size_t(index)], source_.asked};
}

at::Tensor Fields::parameter(const std::string& name) const {
  const auto found = source_.parameters.find(name);
  if (found == source_.parameters.end())
    throw core::UserError(
        core::format("problem {}: a residual asks for parameter '{}'; there are {}",
                     source_.problem->name, name, names(source_.problem->parameters)));
  return found->second;
}

at::Tensor Fields::data(int column) const {
  const std::int64_t columns = source_.data.defined() ? source_.data.size(1) : 0;
  if (column < 0 || column >= columns)
    throw core::UserError(
        core::format("problem {}: a residual asks for column {} of its samples, counted from 0; "
                     "there are {}",
                     source_.problem->name, column, columns));
  return source_.data.select(1, column);
}

Jet scaled(const std::vector<Jet>& inputs, const InputBox& box, int axis) {
  const auto n = std::size_t(axis);
  const double half = (box.upper[n] - box.lower[n]) / 2;
  return (inputs[n] - (box.lower[n] + half)) * (1 / half);
}

Region Problem::interior() const {
  Region region;
  for (const auto& input : inputs) {
    region.lower.push_back(input.lower);
    region.upper.push_back(input.upper);
  }
  return region;
}

Region Problem::face(int axis, double value) const {
  Region region = interior();
  region.lower[std::size_t(axis)] = region.upper[std::size_t(axis)] = value;
  return region;
}

Term& Problem::add(const std::string& term, std::vector<Equation> equations, Region region,
                   Term::Kind kind) {
  Term made;
  made.name = term;
  made.equations = std::move(equations);
  made.region = std::move(region);
  made.kind = kind;
  terms.push_back(std::move(made));
  return terms.back();
}

int Problem::field_index(const std::string& field) const {
  for (std::size_t n = 0; n < fields.size(); ++n)
    if (fields[n].name == field) return int(n);
  return -1;
}

bool Problem::is_inverse() const {
  return !parameters.empty() || std::any_of(terms.begin(), terms.end(), [](const Term& term) {
    return term.kind == Term::Kind::data;
  });
}

std::vector<Derivative> derivatives_of(const Problem& problem, const Term& term) {
  const at::NoGradGuard no_autograd;
  std::vector<Derivative> asked;
  constexpr int few = 2;
  Fields::Source source;
  source.problem = &problem;
  source.asked = &asked;
  source.points = at::zeros({few, std::int64_t(problem.inputs.size())}, at::kDouble);
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    source.points.select(1, std::int64_t(i))
        .fill_((problem.inputs[i].lower + problem.inputs[i].upper) / 2);
  const auto spec = std::make_shared<JetSpec>(int(problem.inputs.size()));
  for (std::size_t n = 0; n < problem.fields.size(); ++n)
    source.jets.emplace_back(spec, std::vector<at::Tensor>{at::full({few}, 0.5, at::kDouble)});
  for (const auto& parameter : problem.parameters)
    source.parameters[parameter.name] = at::full({}, parameter.start, at::kDouble);
  if (term.region.data.defined()) source.data = term.region.data.narrow(0, 0, 1).expand({few, -1});
  const auto residuals = term.residuals(Fields(source));
  if (residuals.size() != term.equations.size())
    throw core::UserError(core::format("problem {}: term '{}' names {} equations and gives {}",
                                       problem.name, term.name, term.equations.size(),
                                       residuals.size()));
  try {
    JetSpec(int(problem.inputs.size()), asked);  // refuses what cannot be formed
  } catch (const core::UserError& e) {
    throw core::UserError(
        core::format("problem {}: term '{}': {}", problem.name, term.name, e.what()));
  }
  return asked;
}

void check_problem(const Problem& problem) {
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(core::format("problem {}: {}", problem.name, what));
  };
  if (problem.inputs.empty()) refuse("it has no inputs");
  if (problem.fields.empty()) refuse("it has no fields");
  if (problem.terms.empty()) refuse("it has no terms");
  for (const auto& input : problem.inputs) {
    require_unit(input.unit, core::format("problem {}: input '{}'", problem.name, input.name));
    if (!(input.upper > input.lower))
      refuse(core::format("input '{}' runs from {} to {}; it must end above its start", input.name,
                          input.lower, input.upper));
  }
  for (const auto& field : problem.fields)
    require_unit(field.unit, core::format("problem {}: field '{}'", problem.name, field.name));
  for (const auto& parameter : problem.parameters) {
    require_unit(parameter.unit,
                 core::format("problem {}: parameter '{}'", problem.name, parameter.name));
    if (!(parameter.lower <= parameter.start && parameter.start <= parameter.upper))
      refuse(core::format("parameter '{}' starts at {}, outside of its bounds {} to {}",
                          parameter.name, parameter.start, parameter.lower, parameter.upper));
  }
  for (const Term& term : problem.terms)
    for (const Equation& equation : term.equations)
      if (!(equation.scale > 0) || !std::isfinite(equation.scale))
        refuse(
            core::format("the residual '{}.{}' is divided by {}, which its constants or samples "
                         "make; a scale must be finite and above 0",
                         term.name, equation.name, equation.scale));
  if (!problem.networks.empty())
    for (const auto& field : problem.fields) {
      std::ptrdiff_t givers = 0;
      for (const auto& group : problem.networks)
        givers += std::count(group.fields.begin(), group.fields.end(), field.name);
      if (givers != 1)
        refuse(core::format("field '{}' comes from {} networks; each must come from one",
                            field.name, givers));
    }
  for (const auto& field : problem.judged)
    if (problem.field_index(field) < 0)
      refuse(
          core::format("field '{}' is to be judged; there are {}", field, names(problem.fields)));
  for (const auto& group : problem.networks) {
    for (const auto& field : group.fields)
      if (problem.field_index(field) < 0)
        refuse(
            core::format("a network gives field '{}'; there are {}", field, names(problem.fields)));
    for (const auto& input : group.inputs)
      if (std::none_of(problem.inputs.begin(), problem.inputs.end(),
                       [&](const InputInfo& info) { return info.name == input; }))
        refuse(
            core::format("a network takes input '{}'; there are {}", input, names(problem.inputs)));
  }
  for (const auto& term : problem.terms) {
    for (const auto& equation : term.equations)
      require_unit(equation.unit, core::format("problem {}: residual '{}.{}'", problem.name,
                                               term.name, equation.name));
    if (!term.residuals) refuse(core::format("term '{}' has no residuals", term.name));
    derivatives_of(problem, term);
  }
}

}  // namespace understudy::pinn
