#include "pinn/torch_model.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <format>

#include "core/error.hpp"
#include "pinn/networks.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// Unknown numbers are trained in units of this, so that a step of the optimiser suits all.
double unit_of(const ParameterInfo& info) {
  return std::max(std::abs(info.start), (info.upper - info.lower) / 10);
}

std::vector<NetworkGroup> groups_of(const Problem& problem) {
  if (!problem.networks.empty()) return problem.networks;
  NetworkGroup all;
  for (const auto& field : problem.fields) all.fields.push_back(field.name);
  for (const auto& input : problem.inputs) all.inputs.push_back(input.name);
  return {all};
}

}  // namespace

Model::Model(const ModelSetup& setup) : setup_(setup) {
  check_problem(problem());
  for (const auto& group : groups_of(problem())) add_group(group);
  parameter_offset_ = trained_count_;
  for (const auto& parameter : problem().parameters) add_slice(parameter.name, {1});
  initialise();
}

void Model::adopt(std::shared_ptr<const Problem> problem) {
  check_problem(*problem);
  if (groups_of(*problem).size() != groups_.size() ||
      problem->parameters.size() != setup_.problem->parameters.size())
    throw core::UserError(
        std::format("problem {}: with other constants it has other networks", problem->name));
  setup_.problem = std::move(problem);
  specs_.clear();
}

void Model::add_slice(const std::string& name, std::vector<std::int64_t> shape) {
  std::int64_t count = 1;
  for (const auto n : shape) count *= n;
  slices_.push_back({name, std::move(shape), trained_count_, count});
  trained_count_ += count;
}

void Model::add_group(const NetworkGroup& group) {
  Group made;
  for (const auto& field : group.fields) made.fields.push_back(problem().field_index(field));
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    if (std::find(group.inputs.begin(), group.inputs.end(), problem().inputs[i].name) !=
        group.inputs.end())
      made.inputs.push_back(int(i));
  made.offset = trained_count_, made.fixed_offset = fixed_count_;
  groups_.push_back(std::move(made));
  const std::size_t index = groups_.size() - 1;
  Group& mine = groups_.back();
  mine.network = std::make_unique<JetNetwork>(
      make_program(setup_.network, feature_count(index), int(group.fields.size())));
  const std::string prefix = groups_.size() > 1 ? std::format("network{}.", index) : "";
  const auto& weights = mine.network->program().weights;
  for (const auto& weight : weights)
    if (weight.trained) add_slice(prefix + weight.name, {weight.shape.begin(), weight.shape.end()});
  mine.factors.assign(weights.size(), -1);
  for (std::size_t n = 0; n < weights.size(); ++n)
    if (setup_.network.factorised && weights[n].trained && weights[n].shape.size() == 2) {
      mine.factors[n] = trained_count_;
      add_slice(prefix + weights[n].name + ".factor", {weights[n].shape[0]});
    }
  fixed_count_ += mine.network->fixed_count();
}

void Model::initialise() {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(setup_.seed);
  const auto normal = [&](std::int64_t count) {
    return at::randn({count}, generator, at::TensorOptions().dtype(at::kDouble));
  };
  Tensor trained = at::zeros({trained_count_}, at::kDouble);
  Tensor fixed = at::zeros({fixed_count_}, at::kDouble);
  for (const Group& group : groups_) {
    const auto& weights = group.network->program().weights;
    for (std::size_t n = 0; n < weights.size(); ++n) {
      if (weights[n].shape.size() != 2) continue;
      const auto& place = group.network->places()[n];
      const double out = double(weights[n].shape[0]), in = double(weights[n].shape[1]);
      if (!place.trained) {
        fixed.narrow(0, group.fixed_offset + place.offset, place.count)
            .copy_(normal(place.count) * setup_.network.fourier_scale);
        continue;
      }
      Tensor values = normal(place.count) * std::sqrt(2 / (in + out));
      if (group.factors[n] >= 0) {
        const Tensor s =
            setup_.network.factor_mean + setup_.network.factor_std * normal(weights[n].shape[0]);
        trained.narrow(0, group.factors[n], weights[n].shape[0]).copy_(s);
        values = (values.view({weights[n].shape[0], weights[n].shape[1]}) / s.exp().unsqueeze(1))
                     .flatten();
      }
      trained.narrow(0, group.offset + place.offset, place.count).copy_(values);
    }
  }
  for (std::size_t n = 0; n < problem().parameters.size(); ++n) {
    const auto& info = problem().parameters[n];
    trained.narrow(0, parameter_offset_ + std::int64_t(n), 1).fill_(info.start / unit_of(info));
  }
  const auto options = at::TensorOptions().dtype(setup_.type).device(setup_.device);
  fixed_ = fixed.to(options);
  trained_ = trained.to(options).requires_grad_(true);
}

void Model::assign(const Tensor& trained, const Tensor& fixed) {
  const at::NoGradGuard no_autograd;
  trained_.copy_(trained);
  fixed_.copy_(fixed);
}

void Model::keep_bounds() {
  const at::NoGradGuard no_autograd;
  for (std::size_t n = 0; n < problem().parameters.size(); ++n) {
    const auto& info = problem().parameters[n];
    trained_.narrow(0, parameter_offset_ + std::int64_t(n), 1)
        .clamp_(info.lower / unit_of(info), info.upper / unit_of(info));
  }
}

std::vector<double> Model::parameters() const {
  std::vector<double> values;
  const Tensor host = trained_.detach().cpu().to(at::kDouble);
  for (std::size_t n = 0; n < problem().parameters.size(); ++n)
    values.push_back(host[parameter_offset_ + std::int64_t(n)].item<double>() *
                     unit_of(problem().parameters[n]));
  return values;
}

const std::shared_ptr<const JetSpec>& Model::spec(const Term& term) {
  for (const auto& [name, spec] : specs_)
    if (name == term.name) return spec;
  specs_.emplace_back(term.name, std::make_shared<JetSpec>(int(problem().inputs.size()),
                                                           derivatives_of(problem(), term)));
  return specs_.back().second;
}

std::vector<Jet> Model::features(const std::vector<Jet>& inputs, std::size_t group) const {
  if (problem().features) return problem().features(inputs, int(group));
  std::vector<Jet> scaled;
  for (const int i : groups_[group].inputs) {
    const auto& info = problem().inputs[std::size_t(i)];
    const double half = (info.upper - info.lower) / 2;
    scaled.push_back((inputs[std::size_t(i)] - (info.lower + half)) * (1 / half));
  }
  return scaled;
}

int Model::feature_count(std::size_t group) const {
  const at::NoGradGuard no_autograd;
  const auto spec = std::make_shared<const JetSpec>(int(problem().inputs.size()));
  Tensor point = at::zeros({1, std::int64_t(problem().inputs.size())}, at::kDouble);
  std::vector<Jet> inputs;
  for (std::size_t i = 0; i < problem().inputs.size(); ++i) {
    point.select(1, std::int64_t(i))
        .fill_((problem().inputs[i].lower + problem().inputs[i].upper) / 2);
    inputs.push_back(coordinate(spec, point, int(i)));
  }
  return int(features(inputs, group).size());
}

// The weights that a network works with: the trained ones, or diag(exp s) V of them.
Tensor Model::effective(const Group& group) const {
  const std::int64_t count = group.network->trained_count();
  const Tensor raw = trained_.narrow(0, group.offset, count);
  if (!setup_.network.factorised) return raw;
  std::vector<Tensor> parts;
  const auto& weights = group.network->program().weights;
  for (std::size_t n = 0; n < weights.size(); ++n) {
    const auto& place = group.network->places()[n];
    if (!place.trained) continue;
    Tensor values = raw.narrow(0, place.offset, place.count);
    if (group.factors[n] >= 0) {
      const Tensor s = trained_.narrow(0, group.factors[n], weights[n].shape[0]);
      values = (values.view({weights[n].shape[0], weights[n].shape[1]}) * s.exp().unsqueeze(1))
                   .flatten();
    }
    parts.push_back(values);
  }
  return at::cat(parts);
}

std::vector<Jet> Model::fields(const std::shared_ptr<const JetSpec>& spec,
                               const Tensor& points) const {
  std::vector<Jet> inputs, outputs(problem().fields.size());
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    inputs.push_back(coordinate(spec, points, int(i)));
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    Tensor taken;
    {
      const at::NoGradGuard no_autograd;
      taken = stack(features(inputs, g), points);
    }
    const auto results =
        unstack(spec, group.network->evaluate(
                          spec->orders(), taken, effective(group),
                          fixed_.narrow(0, group.fixed_offset, group.network->fixed_count())));
    for (std::size_t f = 0; f < group.fields.size(); ++f)
      outputs[std::size_t(group.fields[f])] = results[f];
  }
  return problem().transform ? problem().transform(inputs, outputs) : outputs;
}

Residuals Model::residuals(const Term& term, const Tensor& points, const Tensor& data) {
  Fields::Source source;
  source.problem = &problem();
  source.points = points;
  source.data = data;
  source.jets = fields(spec(term), points);
  for (std::size_t n = 0; n < problem().parameters.size(); ++n) {
    const auto& info = problem().parameters[n];
    source.parameters[info.name] =
        trained_.select(0, parameter_offset_ + std::int64_t(n)) * unit_of(info);
  }
  Residuals all = term.residuals(Fields(std::move(source)));
  for (std::size_t n = 0; n < all.size(); ++n)
    if (term.equations[n].scale != 1) all[n] = all[n] / term.equations[n].scale;
  return all;
}

}  // namespace understudy::pinn
