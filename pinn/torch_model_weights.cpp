// The flat tensor of what a model trains: how it starts, how it goes from rank to rank, its bounds.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "pinn/sampling.hpp"
#include "pinn/torch_model.hpp"

namespace understudy::pinn {

using at::Tensor;

double parameter_unit(const ParameterInfo& info) {
  return std::max(std::abs(info.start), (info.upper - info.lower) / 10);
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
    trained.narrow(0, parameter_offset_ + std::int64_t(n), 1)
        .fill_(info.start / parameter_unit(info));
  }
  const auto options = at::TensorOptions().dtype(setup_.type).device(setup_.device);
  fixed_ = fixed.to(options);
  trained_ = trained.to(options).requires_grad_(true);
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
    lower[std::size_t(parameter_offset_) + n] = info.lower / parameter_unit(info);
    upper[std::size_t(parameter_offset_) + n] = info.upper / parameter_unit(info);
  }
  return {lower, upper};
}

void Model::keep_bounds() {
  const at::NoGradGuard no_autograd;
  for (std::size_t n = 0; n < problem().parameters.size(); ++n) {
    const auto& info = problem().parameters[n];
    trained_.narrow(0, parameter_offset_ + std::int64_t(n), 1)
        .clamp_(info.lower / parameter_unit(info), info.upper / parameter_unit(info));
  }
}

std::vector<double> Model::parameters() const {
  std::vector<double> values;
  const Tensor host = trained_.detach().cpu().to(at::kDouble);
  for (std::size_t n = 0; n < problem().parameters.size(); ++n)
    values.push_back(host[parameter_offset_ + std::int64_t(n)].item<double>() *
                     parameter_unit(problem().parameters[n]));
  return values;
}

}  // namespace understudy::pinn
