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

Model::Model(const ModelSetup& setup)
    : setup_(setup), domains_(*setup.problem, setup.parallel, setup.comm) {
  check_problem(problem());
  const auto networks = groups_of(problem());
  for (long long part = 0; part < domains_.mine().count; ++part)
    for (std::size_t n = 0; n < networks.size(); ++n)
      add_group(networks[n], n, int(domains_.mine().first + part));
  parameter_offset_ = trained_count_;
  for (const auto& parameter : problem().parameters) add_slice(parameter.name, {1});
  initialise();
}

void Model::adopt(std::shared_ptr<const Problem> problem) {
  check_problem(*problem);
  if (groups_of(*problem).size() * std::size_t(domains_.mine().count) != groups_.size() ||
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

void Model::add_group(const NetworkGroup& group, std::size_t index, int part) {
  Group made;
  made.part = part, made.index = index;
  for (const auto& field : group.fields) made.fields.push_back(problem().field_index(field));
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    if (std::find(group.inputs.begin(), group.inputs.end(), problem().inputs[i].name) !=
        group.inputs.end())
      made.inputs.push_back(int(i));
  made.offset = trained_count_, made.fixed_offset = fixed_count_;
  groups_.push_back(std::move(made));
  Group& mine = groups_.back();
  mine.network = std::make_unique<JetNetwork>(
      make_program(setup_.network, feature_count(mine), int(group.fields.size())));
  const std::string prefix =
      (domains_.split() ? std::format("part{}.", part) : "") +
      (groups_of(problem()).size() > 1 ? std::format("network{}.", index) : "");
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
  int part = -1;
  const auto normal = [&](std::int64_t count) {
    return at::randn({count}, generator, at::TensorOptions().dtype(at::kDouble));
  };
  Tensor trained = at::zeros({trained_count_}, at::kDouble);
  Tensor fixed = at::zeros({fixed_count_}, at::kDouble);
  for (const Group& group : groups_) {
    // A part has the same weights whichever rank it is on.
    if (domains_.split() && group.part != part)
      generator.set_current_seed(derived_seed(setup_.seed, std::uint64_t(group.part), 0));
    part = group.part;
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
  trained_.copy_(own(trained));
  fixed_.copy_(
      fixed.narrow(0, fixed.numel() / domains_.parts() * domains_.mine().first, fixed_.numel()));
}

Tensor Model::own(const Tensor& gathered) const {
  if (!domains_.split()) return gathered;
  const std::int64_t each = parameter_offset_ / domains_.mine().count;
  return at::cat({gathered.narrow(0, each * domains_.mine().first, parameter_offset_),
                  gathered.narrow(0, each * domains_.parts(), trained_count_ - parameter_offset_)});
}

Tensor Model::gathered(const Tensor& mine, std::int64_t common) const {
  const at::NoGradGuard no_autograd;
  Tensor host = mine.detach().cpu().contiguous();
  if (!domains_.split() || domains_.comm().size() == 1) return host.clone();
  const auto bytes = [](const Tensor& part) {
    return std::span(static_cast<const std::byte*>(part.const_data_ptr()), part.nbytes());
  };
  std::vector<Tensor> parts;
  for (const auto& piece : domains_.comm().all_gather(bytes(host.narrow(0, 0, common)))) {
    Tensor part = at::empty({std::int64_t(piece.size() / host.element_size())}, host.options());
    std::copy(piece.begin(), piece.end(), static_cast<std::byte*>(part.data_ptr()));
    parts.push_back(part);
  }
  parts.push_back(host.narrow(0, common, host.numel() - common));
  return at::cat(parts);
}

std::pair<std::vector<double>, std::vector<double>> Model::bounds() const {
  constexpr double far = 1e30;
  std::vector<double> lower(std::size_t(trained_count_), -far), upper(lower.size(), far);
  for (std::size_t n = 0; n < problem().parameters.size(); ++n) {
    const auto& info = problem().parameters[n];
    lower[std::size_t(parameter_offset_) + n] = info.lower / unit_of(info);
    upper[std::size_t(parameter_offset_) + n] = info.upper / unit_of(info);
  }
  return {lower, upper};
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

std::vector<Jet> Model::features(const std::vector<Jet>& inputs, const Group& group) const {
  if (problem().features) return problem().features(inputs, int(group.index));
  std::vector<Jet> scaled;
  for (const int i : group.inputs) {
    const auto& info = problem().inputs[std::size_t(i)];
    const double lower = domains_.split() ? domains_.lower(group.part)[std::size_t(i)] : info.lower;
    const double upper = domains_.split() ? domains_.upper(group.part)[std::size_t(i)] : info.upper;
    const double half = (upper - lower) / 2;
    scaled.push_back((inputs[std::size_t(i)] - (lower + half)) * (1 / half));
  }
  return scaled;
}

int Model::feature_count(const Group& group) const {
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

std::vector<Jet> Model::evaluate(const Group& group, const std::vector<Jet>& inputs,
                                 const Tensor& points) const {
  Tensor taken;
  {
    const at::NoGradGuard no_autograd;
    taken = stack(features(inputs, group), points);
  }
  const auto& spec = inputs[0].shared_spec();
  return unstack(spec, group.network->evaluate(
                           spec->orders(), taken, effective(group),
                           fixed_.narrow(0, group.fixed_offset, group.network->fixed_count())));
}

// Windows times networks, over all parts of all ranks.
std::vector<Jet> Model::sum_of_parts(const std::shared_ptr<const JetSpec>& spec,
                                     const Tensor& points) const {
  const auto fields = std::int64_t(problem().fields.size());
  Tensor sum = at::zeros({spec->channels(), fields, points.size(0)}, options());
  Tensor rows;
  std::vector<Jet> inputs;
  Jet window;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    if (g == 0 || groups_[g - 1].part != group.part) {
      rows = domains_.rows(group.part, points);
      inputs.clear();
      const Tensor mine = points.index_select(0, rows);
      for (std::size_t i = 0; i < problem().inputs.size(); ++i)
        inputs.push_back(coordinate(spec, mine, int(i)));
      window = domains_.window(group.part, inputs);
    }
    if (rows.numel() == 0) continue;
    const auto outputs = evaluate(group, inputs, points.index_select(0, rows));
    for (std::size_t f = 0; f < group.fields.size(); ++f) {
      const Jet part = window * outputs[f];
      std::vector<Tensor> channels;
      for (int c = 0; c < spec->channels(); ++c)
        channels.push_back(part.channel(c).defined() ? part.channel(c).expand({rows.numel()})
                                                     : at::zeros({rows.numel()}, options()));
      Tensor all = at::zeros({spec->channels(), fields, rows.numel()}, options());
      all = all.index_copy(1, at::full({1}, group.fields[f], rows.options()),
                           at::stack(channels).unsqueeze(1));
      sum = sum.index_add(2, rows, all);
    }
  }
  return unstack(spec, sum_over_ranks(sum, domains_.comm()));
}

std::vector<Jet> Model::fields(const std::shared_ptr<const JetSpec>& spec,
                               const Tensor& points) const {
  std::vector<Jet> inputs, outputs(problem().fields.size());
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    inputs.push_back(coordinate(spec, points, int(i)));
  if (domains_.split()) {
    outputs = sum_of_parts(spec, points);
  } else {
    for (const Group& group : groups_) {
      const auto results = evaluate(group, inputs, points);
      for (std::size_t f = 0; f < group.fields.size(); ++f)
        outputs[std::size_t(group.fields[f])] = results[f];
    }
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
