#include "pinn/torch_solution.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/relative_error.hpp"
#include "pinn/torch_device.hpp"
#include "pinn/torch_windows.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// Points a call: large enough for full speed, small enough for memory.
constexpr std::int64_t batch = 16384;

void append(const Tensor& values, std::vector<double>& to) {
  const Tensor host = values.detach().cpu().to(at::kDouble).contiguous();
  to.insert(to.end(), host.const_data_ptr<double>(), host.const_data_ptr<double>() + host.numel());
}

}  // namespace

Tensor to_tensor(const Points& points, const at::TensorOptions& options) {
  const std::size_t inputs = points.empty() ? 0 : points.front().size();
  Tensor host = at::empty({std::int64_t(points.size()), std::int64_t(inputs)}, at::kDouble);
  double* out = host.data_ptr<double>();
  for (const auto& point : points) out = std::copy(point.begin(), point.end(), out);
  return host.to(options);
}

Columns ModelSolution::fields(const Points& points) const {
  const at::NoGradGuard no_autograd;
  Columns result(problem().fields.size());
  const auto spec = std::make_shared<const JetSpec>(int(problem().inputs.size()));
  const Tensor all = to_tensor(points, model_->options());
  for (std::int64_t begin = 0; begin < all.size(0); begin += batch) {
    const Tensor part = all.narrow(0, begin, std::min(batch, all.size(0) - begin));
    const auto jets = model_->fields(spec, part);
    for (std::size_t f = 0; f < jets.size(); ++f)
      append(jets[f].value().expand({part.size(0)}), result[f]);
  }
  return result;
}

Columns ModelSolution::residuals(const Points& points) const {
  const at::NoGradGuard no_autograd;
  Columns result;
  const Tensor all = to_tensor(points, model_->options());
  for (const Term& term : problem().terms) {
    if (term.kind != Term::Kind::interior) continue;
    const std::size_t first = result.size();
    result.resize(first + term.equations.size());
    for (std::int64_t begin = 0; begin < all.size(0); begin += batch) {
      const Tensor part = all.narrow(0, begin, std::min(batch, all.size(0) - begin));
      const auto residuals = model_->residuals(term, part, Tensor());
      for (std::size_t e = 0; e < residuals.size(); ++e)
        append(residuals[e].expand({part.size(0)}) * term.equations[e].scale, result[first + e]);
    }
  }
  return result;
}

std::vector<ParameterValue> ModelSolution::parameters() const {
  std::vector<ParameterValue> result;
  const auto values = model_->parameters();
  for (std::size_t n = 0; n < values.size(); ++n)
    result.push_back({problem().parameters[n], values[n]});
  return result;
}

void ModelSolution::save(const std::filesystem::path& folder) const {
  surrogates::NamedTensors content;
  content.tensors = {{"trained", model_->gathered()}, {"fixed", model_->gathered_fixed()}};
  content.texts["problem"] = problem().name;
  model_->setup().comm.on_root<core::UserError>(
      [&] { surrogates::write_archive(folder / "weights.safetensors", content); });
}

std::shared_ptr<Solution> load_solution(std::shared_ptr<const Problem> problem,
                                        const Settings& settings,
                                        const std::filesystem::path& folder) {
  const auto content =
      surrogates::read_archive(folder / "weights.safetensors", "the trained networks");
  const auto found = content.texts.find("problem");
  if (found == content.texts.end())
    throw core::UserError(
        core::format("{}: weights.safetensors does not say what problem it is of; "
                     "`understudy pinn` writes such files into <out>/model",
                     folder.string()));
  const std::string& trained_for = found->second;
  if (trained_for != problem->name)
    throw core::UserError(core::format("{}: trained for problem '{}', not '{}'", folder.string(),
                                       trained_for, problem->name));
  const int windows = settings.curriculum.windows;
  const auto edges = windows > 1 ? window_edges(*problem, windows) : std::vector<double>{};
  std::vector<std::shared_ptr<Model>> models;
  for (int w = 0; w < windows; ++w) {
    ModelSetup setup{problem, settings.network, at::kFloat, compute_device(), settings.seed};
    if (settings.precision == "double") setup.type = at::kDouble;
    setup.parallel = settings.parallel;
    if (windows > 1)
      setup.problem = window_problem(*problem, edges, w, w > 0 ? models.back() : nullptr);
    models.push_back(std::make_shared<Model>(setup));
    const std::string suffix = windows > 1 ? core::format(".{}", w) : "";
    const auto stored = [&](const std::string& name, const at::Tensor& own) {
      for (const auto& [key, tensor] : content.tensors)
        if (key == name + suffix) {
          if (tensor.numel() == own.numel()) return tensor;
          throw core::UserError(core::format(
              "{}: has {} {} weights, the deck's network {}; network and problem must be the same",
              folder.string(), tensor.numel(), name, own.numel()));
        }
      throw core::UserError(core::format(
          "{}: has no window {} of time; curriculum.windows must be what it was trained "
          "with",
          folder.string(), w + 1));
    };
    models.back()->assign(stored("trained", models.back()->trained()),
                          stored("fixed", models.back()->fixed()));
  }
  if (windows > 1) return std::make_shared<WindowedSolution>(problem, edges, models);
  return std::make_shared<ModelSolution>(models.front());
}

ProblemDescription describe(const Problem& problem) {
  ProblemDescription d;
  d.name = problem.name;
  d.title = problem.title;
  d.source = problem.source;
  d.inputs = problem.inputs;
  d.fields = problem.fields;
  d.parameters = problem.parameters;
  d.evaluation = problem.evaluation;
  d.mean_free = problem.mean_free;
  d.judged = problem.judged;
  d.inverse = problem.is_inverse();
  d.classical_inversion = problem.classical_inversion;
  d.cautions = problem.cautions;
  d.error_to_reach = problem.error_to_reach;
  d.has_reference = bool(problem.reference);
  for (const Term& term : problem.terms)
    for (const Equation& equation : term.equations) {
      d.terms.push_back(term.name + "." + equation.name);
      if (term.kind != Term::Kind::interior) continue;
      d.residuals.push_back(d.terms.back());
      d.residual_units.push_back(equation.unit);
    }
  return d;
}

Columns reference(const Problem& problem, const Points& points) {
  return problem.reference ? problem.reference(points) : Columns{};
}

Points evaluation_points(const Problem& problem) {
  return grid_points(problem.inputs, problem.evaluation);
}

std::vector<double> errors(const Problem& problem, const Solution& solution) {
  const Points points = evaluation_points(problem);
  return errors_at(points, reference(problem, points), problem, solution);
}

std::vector<double> errors_at(const Points& points, const Columns& truth, const Problem& problem,
                              const Solution& solution) {
  if (truth.empty())
    return std::vector<double>(problem.fields.size(), std::numeric_limits<double>::quiet_NaN());
  return relative_l2(problem, points, solution.fields(points), truth);
}

}  // namespace understudy::pinn
