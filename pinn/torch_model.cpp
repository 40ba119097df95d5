#include "pinn/torch_model.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/networks.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

std::vector<NetworkGroup> groups_of(const Problem& problem) {
  if (!problem.networks.empty()) return problem.networks;
  NetworkGroup all;
  for (const auto& field : problem.fields) all.fields.push_back(field.name);
  for (const auto& input : problem.inputs) all.inputs.push_back(input.name);
  return {all};
}

// What parts add to one field: rows of the points [row], values [channel, row].
struct PartRows {
  std::vector<Tensor> rows, values;
};

Tensor channels_of(const Jet& jet, std::int64_t points) {
  std::vector<Tensor> channels;
  for (int c = 0; c < jet.spec().channels(); ++c)
    channels.push_back(jet.channel(c).defined() ? jet.channel(c).expand({points})
                                                : at::zeros({points}, jet.value().options()));
  return at::stack(channels);
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
        core::format("problem {}: with other constants it has other networks", problem->name));
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
  made.part = part;
  made.index = index;
  for (const auto& field : group.fields) made.fields.push_back(problem().field_index(field));
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    if (std::find(group.inputs.begin(), group.inputs.end(), problem().inputs[i].name) !=
        group.inputs.end())
      made.inputs.push_back(int(i));
  made.offset = trained_count_;
  made.fixed_offset = fixed_count_;
  groups_.push_back(std::move(made));
  Group& mine = groups_.back();
  mine.network = std::make_unique<JetNetwork>(
      make_program(setup_.network, feature_count(mine), int(group.fields.size())));
  const std::string prefix =
      (domains_.split() ? core::format("part{}.", part) : "") +
      (groups_of(problem()).size() > 1 ? core::format("network{}.", index) : "");
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

const std::shared_ptr<const JetSpec>& Model::spec(const Term& term) {
  for (const auto& [name, spec] : specs_)
    if (name == term.name) return spec;
  specs_.emplace_back(term.name, std::make_shared<JetSpec>(int(problem().inputs.size()),
                                                           derivatives_of(problem(), term)));
  return specs_.back().second;
}

InputBox Model::box(int part) const {
  if (domains_.split()) return {domains_.lower(part), domains_.upper(part)};
  InputBox whole;
  for (const auto& input : problem().inputs) {
    whole.lower.push_back(input.lower);
    whole.upper.push_back(input.upper);
  }
  return whole;
}

std::vector<Jet> Model::features(const std::vector<Jet>& inputs, const Group& group) const {
  const InputBox served = box(group.part);
  if (problem().features) return problem().features(inputs, served, int(group.index));
  std::vector<Jet> all;
  for (const int i : group.inputs) all.push_back(scaled(inputs, served, i));
  return all;
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

Tensor Model::taken(const Group& group, const std::vector<Jet>& inputs,
                    const Tensor& points) const {
  const at::NoGradGuard no_autograd;
  return stack(features(inputs, group), points);
}

Tensor Model::evaluate(const Group& group, const JetSpec& spec, const Tensor& taken) const {
  return group.network->evaluate(
      spec.orders(), taken, effective(group),
      fixed_.narrow(0, group.fixed_offset, group.network->fixed_count()));
}

// Windows times networks, over all parts of all ranks. Parts have their own rows each; they are added up in
// one pass for each field.
std::vector<Jet> Model::sum_of_parts(const std::shared_ptr<const JetSpec>& spec,
                                     const Tensor& points) const {
  std::vector<PartRows> found(problem().fields.size());
  Tensor rows, mine;
  std::vector<Jet> inputs;
  Jet window;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    if (g == 0 || groups_[g - 1].part != group.part) {
      rows = domains_.rows(group.part, points);
      mine = points.index_select(0, rows);
      inputs.clear();
      for (std::size_t i = 0; i < problem().inputs.size(); ++i)
        inputs.push_back(coordinate(spec, mine, int(i)));
      window = domains_.window(group.part, inputs);
    }
    if (rows.numel() == 0) continue;
    const auto outputs = unstack(spec, evaluate(group, *spec, taken(group, inputs, mine)));
    for (std::size_t f = 0; f < group.fields.size(); ++f) {
      PartRows& field = found[std::size_t(group.fields[f])];
      field.rows.push_back(rows);
      field.values.push_back(channels_of(window * outputs[f], rows.numel()));
    }
  }
  std::vector<Tensor> sums;
  for (const PartRows& field : found) {
    Tensor sum = at::zeros({spec->channels(), points.size(0)}, options());
    if (!field.rows.empty()) sum = sum.index_add(1, at::cat(field.rows), at::cat(field.values, 1));
    sums.push_back(sum);
  }
  return unstack(spec, sum_over_ranks(at::stack(sums, 1), domains_.comm()));
}

// The problem's fields from what the networks gave [group].
std::vector<Jet> Model::combined(const std::vector<Jet>& inputs,
                                 const std::vector<Tensor>& results) const {
  std::vector<Jet> outputs(problem().fields.size());
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto jets = unstack(inputs[0].shared_spec(), results[g]);
    for (std::size_t f = 0; f < groups_[g].fields.size(); ++f)
      outputs[std::size_t(groups_[g].fields[f])] = jets[f];
  }
  return problem().transform ? problem().transform(inputs, outputs) : outputs;
}

std::vector<Jet> Model::fields(const std::shared_ptr<const JetSpec>& spec,
                               const Tensor& points) const {
  std::vector<Jet> inputs;
  for (std::size_t i = 0; i < problem().inputs.size(); ++i)
    inputs.push_back(coordinate(spec, points, int(i)));
  if (domains_.split()) {
    const auto outputs = sum_of_parts(spec, points);
    return problem().transform ? problem().transform(inputs, outputs) : outputs;
  }
  std::vector<Tensor> results;
  for (const Group& group : groups_)
    results.push_back(evaluate(group, *spec, taken(group, inputs, points)));
  return combined(inputs, results);
}

Residuals Model::residuals_from(const Term& term, Fields::Source source,
                                const std::vector<Tensor>& parameters) const {
  source.problem = &problem();
  for (std::size_t n = 0; n < parameters.size(); ++n)
    source.parameters[problem().parameters[n].name] = parameters[n];
  Residuals all = term.residuals(Fields(std::move(source)));
  for (std::size_t n = 0; n < all.size(); ++n)
    if (term.equations[n].scale != 1) all[n] = all[n] / term.equations[n].scale;
  return all;
}

Residuals Model::residuals(const Term& term, const Tensor& points, const Tensor& data) {
  std::vector<Tensor> parameters;
  for (std::size_t n = 0; n < problem().parameters.size(); ++n)
    parameters.push_back(trained_.select(0, parameter_offset_ + std::int64_t(n)) *
                         parameter_unit(problem().parameters[n]));
  Fields::Source source;
  source.points = points;
  source.data = data;
  source.jets = fields(spec(term), points);
  return residuals_from(term, std::move(source), parameters);
}

}  // namespace understudy::pinn
