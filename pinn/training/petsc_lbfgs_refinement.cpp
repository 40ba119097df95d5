// The last part of a training by PETSc's bounded L-BFGS (torch_lbfgs_refinement.hpp).
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "mesh/optimisation/bounded_minimiser.hpp"
#include "pinn/training/torch_lbfgs_refinement.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// Pairs of steps and gradients that stand for the curvature: networks have many directions.
constexpr int curvature_pairs = 50;

std::vector<double> values_of(const Tensor& tensor) {
  return {tensor.const_data_ptr<double>(), tensor.const_data_ptr<double>() + tensor.numel()};
}

// Of trained() to the layout of all parts.
std::vector<double> gathered_bounds(const Model& model, const std::vector<double>& mine) {
  return values_of(
      model.gathered(at::tensor(mine, at::TensorOptions(at::kDouble)), model.network_weights()));
}

}  // namespace

RefinementResult refine(const RefinementTask& task) {
  Model& model = task.model;
  std::vector<double> x = values_of(model.gathered()), losses;
  const auto [lower, upper] = model.bounds();
  const auto set = [&](std::span<const double> at_x) {
    const at::NoGradGuard no_autograd;
    const Tensor all = at::from_blob(const_cast<double*>(at_x.data()), {std::int64_t(at_x.size())},
                                     at::TensorOptions(at::kDouble));
    Tensor weights = model.trained();
    weights.copy_(model.own(all));
  };
  const auto function = [&](std::span<const double> at_x, std::span<double> gradient) {
    set(at_x);
    const auto result = task.losses.evaluate(model, task.points, false);
    Tensor g = at::zeros_like(model.trained());
    if (result.total.requires_grad())
      g = torch::autograd::grad({result.total}, {model.trained()})[0];
    task.sharing.sum(g);
    const Tensor all = model.gathered(g, model.network_weights());
    std::copy_n(all.const_data_ptr<double>(), gradient.size(), gradient.begin());
    losses = task.losses.values(result);
    return task.losses.total(losses);
  };
  mesh::MinimiserSettings settings;
  settings.iterations = task.iterations;
  settings.evaluations = 4 * task.iterations + 20;
  settings.gradient_tolerance = 1e-12;
  settings.memory = curvature_pairs;
  const auto low = gathered_bounds(model, lower), high = gathered_bounds(model, upper);
  // A start that rounding left beside its bounds.
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = std::clamp(x[n], low[n], high[n]);
  const auto found =
      mesh::minimise(x, low, high, function, settings, [&](const mesh::MinimiserProgress& p) {
        return !task.go_on || task.go_on({p.iteration, p.value, losses});
      });
  set(x);
  return {found.iterations, found.value, found.reason};
}

}  // namespace understudy::pinn
