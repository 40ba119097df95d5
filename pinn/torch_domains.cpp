#include "pinn/torch_domains.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// s((x - from) / length), with its derivatives.
Jet rise(const Jet& x, double from, double length) {
  const Jet along = (x - from) * (1 / length);
  const Tensor inside =
      (along.value() > 0).logical_and(along.value() < 1).to(along.value().options());
  std::vector<Tensor> channels{along.value().clamp(0, 1)};
  for (int c = 1; c < x.spec().channels(); ++c)
    channels.push_back(along.channel(c).defined() ? along.channel(c) * inside : Tensor());
  const Jet clamped(x.shared_spec(), std::move(channels));
  const Jet first = sin(clamped * (std::numbers::pi / 2));
  const Jet second = sin(first * first * (std::numbers::pi / 2));
  return second * second;
}

// Outlives the call: held by what the backward pass keeps.
struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static Tensor forward(torch::autograd::AutogradContext*, const Tensor& values,
                        const core::Comm* comm) {
    Tensor host = values.cpu().contiguous().clone();
    const auto count = std::size_t(host.numel());
    if (host.scalar_type() == at::kFloat)
      comm->sum(std::span<float>(host.data_ptr<float>(), count));
    else
      comm->sum(std::span<double>(host.data_ptr<double>(), count));
    return host.to(values.device());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 torch::autograd::variable_list gradients) {
    return {gradients[0], Tensor()};
  }
};

}  // namespace

Domains::Domains(const Problem& problem, const ParallelSettings& settings, const core::Comm& comm)
    : split_(settings.mode == "domains"), comm_(comm) {
  if (!split_) return;
  if (settings.domains.size() != problem.inputs.size())
    throw core::UserError(
        core::format("parallel.domains gives parts along {} inputs, and problem {} has {}",
                     settings.domains.size(), problem.name, problem.inputs.size()));
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    const auto& input = problem.inputs[i];
    const double width = (input.upper - input.lower) / double(settings.domains[i]);
    axes_.push_back({input.lower, width, settings.overlap * width, int(settings.domains[i])});
    parts_ *= axes_.back().parts;
  }
  if (parts_ < comm.size())
    throw core::UserError(
        core::format("parallel.domains are {} parts for {} ranks; each rank needs at least one",
                     parts_, comm.size()));
  mine_ = part_of(parts_, comm.rank(), comm.size());
}

// The first axis runs fastest.
int Domains::index(int part, std::size_t axis) const {
  for (std::size_t a = 0; a < axis; ++a) part /= axes_[a].parts;
  return part % axes_[axis].parts;
}

std::vector<double> Domains::border(int part, bool upper) const {
  std::vector<double> all;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const Axis& axis = axes_[a];
    const int i = index(part, a) + (upper ? 1 : 0);
    const double at = axis.lower + i * axis.width;
    const bool outer = i == 0 || i == axis.parts;
    all.push_back(outer ? at : at + (upper ? axis.overlap : -axis.overlap));
  }
  return all;
}

Tensor Domains::rows(int part, const Tensor& points) const {
  const auto low = lower(part), high = upper(part);
  Tensor inside;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (axes_[a].parts == 1) continue;
    const Tensor x = points.select(1, std::int64_t(a));
    const int i = index(part, a);
    // Outer borders do not bound: points may lie a round-off beyond.
    for (const auto& test :
         {i > 0 ? x > low[a] : Tensor(), i + 1 < axes_[a].parts ? x < high[a] : Tensor()})
      if (test.defined()) inside = inside.defined() ? inside.logical_and(test) : test;
  }
  if (!inside.defined()) return at::arange(points.size(0), points.options().dtype(at::kLong));
  return inside.nonzero().flatten();
}

Jet Domains::window(int part, const std::vector<Jet>& inputs) const {
  Jet all = constant(inputs[0], at::ones_like(inputs[0].value()));
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const Axis& axis = axes_[a];
    const int i = index(part, a);
    const double from = axis.lower + i * axis.width - axis.overlap;
    if (i > 0) all = all * rise(inputs[a], from, 2 * axis.overlap);
    if (i + 1 < axis.parts) all = all * (1 - rise(inputs[a], from + axis.width, 2 * axis.overlap));
  }
  return all;
}

Tensor sum_over_ranks(const Tensor& values, const core::Comm& comm) {
  return comm.size() > 1 ? SumOverRanks::apply(values, &comm) : values;
}

}  // namespace understudy::pinn
