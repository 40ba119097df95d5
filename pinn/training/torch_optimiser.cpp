#include "pinn/training/torch_optimiser.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <stdexcept>

#include "core/format.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

constexpr double epsilon = 1e-8;

const Tensor& find(const TensorList& tensors, const std::string& name) {
  for (const auto& [own, tensor] : tensors)
    if (own == name) return tensor;
  throw std::out_of_range("no tensor " + name);
}

// One power iteration from the present basis, eigenvalues descending; `order` [n] takes the old columns to
// where they are now.
Tensor iterated(const Tensor& factor, const Tensor& basis, Tensor& order) {
  const Tensor image = factor.mm(basis);
  order = (basis * image).sum(0).argsort(0, /*descending=*/true);
  return std::get<0>(at::linalg_qr(image.index_select(1, order)));
}

}  // namespace

PinnOptimiser::PinnOptimiser(const OptimiserSettings& settings, const Tensor& weights,
                             const std::vector<TrainedSlice>& slices, std::int64_t longest_side)
    : settings_(settings), weights_(weights.detach()) {
  const at::NoGradGuard no_autograd;
  mean_ = at::zeros_like(weights_);
  square_ = at::zeros_like(weights_);
  decayed_ = at::zeros_like(weights_);
  const auto side = [&](std::int64_t n) -> Side {
    if (n < 2 || n > longest_side) return {};
    return {at::zeros({n, n}, weights_.options()), at::eye(n, weights_.options())};
  };
  for (const TrainedSlice& slice : slices) {
    if (slice.shape.size() != 2) continue;
    decayed_.narrow(0, slice.offset, slice.count).fill_(1);
    if (settings_.kind == "soap")
      matrices_.push_back({slice.offset, slice.shape[0], slice.shape[1], side(slice.shape[0]),
                           side(slice.shape[1])});
  }
}

void PinnOptimiser::add_factors(const Tensor& gradient, double memory) {
  for (Matrix& m : matrices_) {
    const Tensor g = m.of(gradient);
    if (m.left.factor.defined()) m.left.factor.addmm_(g, g.t(), memory, 1 - memory);
    if (m.right.factor.defined()) m.right.factor.addmm_(g.t(), g, memory, 1 - memory);
  }
}

void PinnOptimiser::first_bases() {
  for (Matrix& m : matrices_)
    for (Side* side : {&m.left, &m.right})
      if (side->factor.defined()) {
        // In double precision: the factor of one gradient alone has many small eigenvalues.
        const auto [values, vectors] = at::linalg_eigh(side->factor.to(at::kDouble));
        side->basis = vectors.flip(1).to(weights_.options()).contiguous();
      }
}

// In place: into the basis, or back.
void PinnOptimiser::turn(const Matrix& m, const Tensor& flat, bool back) const {
  const Tensor x = m.of(flat);
  if (m.left.basis.defined() && m.right.basis.defined())
    at::mm_out(const_cast<Tensor&>(x), (back ? m.left.basis : m.left.basis.t()).mm(x),
               back ? m.right.basis.t() : m.right.basis);
  else if (m.left.basis.defined())
    x.copy_((back ? m.left.basis : m.left.basis.t()).mm(x));
  else if (m.right.basis.defined())
    x.copy_(x.mm(back ? m.right.basis.t() : m.right.basis));
}

void PinnOptimiser::new_bases() {
  for (Matrix& m : matrices_) {
    turn(m, mean_, true);
    Tensor order;
    if (m.left.factor.defined()) {
      m.left.basis = iterated(m.left.factor, m.left.basis, order);
      m.of(square_).copy_(m.of(square_).index_select(0, order));
    }
    if (m.right.factor.defined()) {
      m.right.basis = iterated(m.right.factor, m.right.basis, order);
      m.of(square_).copy_(m.of(square_).index_select(1, order));
    }
    turn(m, mean_, false);
  }
}

void PinnOptimiser::step(const Tensor& gradient, double rate) {
  const at::NoGradGuard no_autograd;
  const auto& o = settings_;
  const bool soap = o.kind == "soap";
  if (soap && calls_ == 0) {
    add_factors(gradient, 0);
    first_bases();
    ++calls_;
    return;
  }
  const double taken = double(++calls_) - (soap ? 1 : 0);
  Tensor turned = gradient;
  if (!matrices_.empty()) {
    turned = gradient.clone();
    for (const Matrix& m : matrices_) turn(m, turned, false);
  }
  mean_.mul_(o.beta1).add_(turned, 1 - o.beta1);
  square_.mul_(o.beta2).addcmul_(turned, turned, 1 - o.beta2);
  const double correct1 = 1 - std::pow(o.beta1, taken), correct2 = 1 - std::pow(o.beta2, taken);
  Tensor update = square_.div(correct2).sqrt_().add_(epsilon).reciprocal_().mul_(mean_);
  for (const Matrix& m : matrices_) turn(m, update, true);
  if (o.weight_decay > 0) weights_.addcmul_(weights_, decayed_, -rate * o.weight_decay);
  weights_.add_(update, -rate / correct1);
  if (!soap) return;
  add_factors(gradient, o.beta2);
  if (static_cast<long long>(taken) % o.soap_every == 0) new_bases();
}

void PinnOptimiser::save(TensorList& tensors) const {
  tensors.emplace_back("optimiser.calls", at::full({1}, double(calls_), at::kDouble));
  tensors.emplace_back("optimiser.mean", mean_.cpu());
  tensors.emplace_back("optimiser.square", square_.cpu());
  for (std::size_t n = 0; n < matrices_.size(); ++n)
    for (const auto& [name, side] :
         {std::pair{"left", &matrices_[n].left}, {"right", &matrices_[n].right}})
      if (side->factor.defined()) {
        tensors.emplace_back(core::format("optimiser.{}.{}.factor", n, name), side->factor.cpu());
        tensors.emplace_back(core::format("optimiser.{}.{}.basis", n, name),
                             side->basis.cpu().contiguous());
      }
}

void PinnOptimiser::restore(const TensorList& tensors) {
  const at::NoGradGuard no_autograd;
  calls_ = static_cast<long long>(find(tensors, "optimiser.calls").item<double>());
  mean_.copy_(find(tensors, "optimiser.mean"));
  square_.copy_(find(tensors, "optimiser.square"));
  for (std::size_t n = 0; n < matrices_.size(); ++n)
    for (const auto& [name, side] :
         {std::pair{"left", &matrices_[n].left}, {"right", &matrices_[n].right}})
      if (side->factor.defined()) {
        side->factor.copy_(find(tensors, core::format("optimiser.{}.{}.factor", n, name)));
        side->basis = find(tensors, core::format("optimiser.{}.{}.basis", n, name))
                          .to(weights_.options())
                          .clone();
      }
}

double learning_rate(const OptimiserSettings& o, double position) {
  if (position < o.warm_up_steps) return o.learning_rate * (position + 1) / o.warm_up_steps;
  if (o.decay_steps <= 0) return o.learning_rate;
  return o.learning_rate * std::pow(o.decay, (position - o.warm_up_steps) / o.decay_steps);
}

}  // namespace understudy::pinn
