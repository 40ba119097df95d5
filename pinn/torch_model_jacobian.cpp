// Residuals of a model with their derivatives by everything that is trained (torch_model.hpp): autograd gives
// those by the networks' outputs, which at a point act on that point alone, and the engine carries them through
// the networks for every point by itself.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "pinn/torch_model.hpp"

namespace understudy::pinn {

using at::Tensor;

// Rows by the weights that a network works with become those by s and V of diag(exp s) V.
void Model::rows_of_factors(const Group& group, const std::vector<Tensor>& rows) const {
  const auto& weights = group.network->program().weights;
  const Tensor used = effective(group).detach();
  for (std::size_t n = 0; n < weights.size(); ++n) {
    if (group.factors[n] < 0) continue;
    const auto& place = group.network->places()[n];
    const long long out = weights[n].shape[0];
    const Tensor matrix = used.narrow(0, place.offset, place.count).view({out, -1});
    const Tensor scale = trained_.detach().narrow(0, group.factors[n], out).exp().unsqueeze(1);
    for (const Tensor& all : rows) {
      const Tensor by_weight =
          all.narrow(1, group.offset + place.offset, place.count).unflatten(1, {out, -1});
      all.narrow(1, group.factors[n], out).add_((by_weight * matrix).sum(2));
      by_weight.mul_(scale);
    }
  }
}

Residuals Model::linearise(const Term& term, const Tensor& points, const Tensor& data,
                           const std::vector<Tensor>& rows) {
  const auto& jet_spec = spec(term);
  std::vector<Jet> inputs;
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    inputs.push_back(coordinate(jet_spec, points, int(i)));
  std::vector<Tensor> given, leaves, parameters;
  {
    const at::NoGradGuard no_autograd;
    for (const Group& group : groups_) {
      given.push_back(taken(group, inputs, points));
      leaves.push_back(evaluate(group, *jet_spec, given.back()).detach().requires_grad_());
    }
    for (std::size_t n = 0; n < problem().parameters.size(); ++n)
      parameters.push_back((trained_.detach().select(0, parameter_offset_ + std::int64_t(n)) *
                            parameter_unit(problem().parameters[n]))
                               .expand({points.size(0)})
                               .clone()
                               .requires_grad_());
  }
  const std::vector<Tensor> results = leaves;
  leaves.insert(leaves.end(), parameters.begin(), parameters.end());

  const at::AutoGradMode with_autograd(true);
  Fields::Source source;
  source.points = points;
  source.data = data;
  source.jets = combined(inputs, results);
  Residuals all = residuals_from(term, std::move(source), parameters);
  std::vector<std::vector<Tensor>> cotangents(groups_.size());
  for (std::size_t e = 0; e < all.size(); ++e) {
    all[e] = all[e].expand({points.size(0)});
    std::vector<Tensor> found(leaves.size());
    if (all[e].requires_grad())
      found = torch::autograd::grad({all[e].sum()}, leaves, {}, /*retain_graph=*/true,
                                    /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      cotangents[g].push_back(found[g].defined() ? found[g] : at::zeros_like(results[g]));
    for (std::size_t n = 0; n < parameters.size(); ++n)
      if (const Tensor& slope = found[groups_.size() + n]; slope.defined())
        rows[e]
            .select(1, parameter_offset_ + std::int64_t(n))
            .add_(slope * parameter_unit(problem().parameters[n]));
    all[e] = all[e].detach();
  }
  const at::NoGradGuard no_autograd;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    group.network->point_gradients(
        jet_spec->orders(), given[g], effective(group),
        fixed_.narrow(0, group.fixed_offset, group.network->fixed_count()), cotangents[g], rows,
        group.offset);
    rows_of_factors(group, rows);
  }
  return all;
}

}  // namespace understudy::pinn
