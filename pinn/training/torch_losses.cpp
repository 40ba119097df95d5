#include "pinn/training/torch_losses.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "pinn/sampling.hpp"
#include "pinn/settings_fit.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// Samples of the random signs. Of points with the same gradient one sample is chi-squared with one degree
// of freedom, so that 16 leave 35%; fewer points than that are taken one by one.
constexpr int trace_samples = 16;

// What a residual's points are weighted with in a sample, so that the mean of |d(v . r)/d theta|^2 over the
// samples is the trace.
Tensor trace_vector(const Tensor& residual, int sample, std::uint64_t seed, long long first,
                    long long total) {
  if (total > trace_samples)
    return random_signs(residual, derived_seed(seed, 0, std::uint64_t(sample)), first);
  Tensor one = at::zeros({residual.numel()}, residual.options().requires_grad(false));
  const long long row = sample - first;
  if (row >= 0 && row < residual.numel()) one[row].fill_(std::sqrt(double(total)));
  return one;
}

}  // namespace

Losses::Losses(const Settings& settings, const RankReduction& sharing, const Problem& problem)
    : settings_(settings), sharing_(sharing), weights_(start_weights(problem, settings)) {
  for (std::size_t t = 0; t < problem.terms.size(); ++t)
    for (const Equation& equation : problem.terms[t].equations) {
      names_.push_back(problem.terms[t].name + "." + equation.name);
      terms_.push_back(t);
    }
}

bool Losses::due(long long step) const {
  const auto& w = settings_.weighting;
  return (w.kind == "gradient_norm" || w.kind == "ntk") && step % w.every == 0;
}

Losses::Result Losses::evaluate(Model& model, const std::vector<TermPoints>& points, bool update,
                                std::uint64_t seed) {
  Result result;
  std::vector<Tensor> all;
  totals_.clear();
  firsts_.clear();
  const auto& terms = model.problem().terms;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const TermPoints& at = points[t];
    Residuals residuals(terms[t].equations.size());
    Tensor causal;
    if (at.total > 0) {
      residuals = model.residuals(terms[t], at.points, at.data);
      for (Tensor& r : residuals) r = r.expand({at.points.size(0)});
      if (at.chunk.defined())
        causal = causal_weights(residuals, at.chunk, settings_.causal, sharing_.point_comm());
    }
    for (const Tensor& r : residuals) {
      const std::size_t loss = all.size();
      all.push_back(r);
      totals_.push_back(at.total);
      firsts_.push_back(at.first);
      if (!r.defined()) {  // no points here, in this window
        result.each.push_back(at::zeros({}, model.options()));
        result.squares.push_back(at::zeros({0}, model.options()));
        continue;
      }
      Tensor square = r.square();
      if (causal.defined()) square = square * causal;
      result.squares.push_back(square.detach());
      if (own_) square = square * own_->weights(loss);
      result.each.push_back(square.sum() * (1.0 / double(at.total)));
    }
  }
  if (update) {
    const auto wanted = balanced_weights(sizes(model, result, all, seed));
    const double memory = settings_.weighting.memory;
    for (std::size_t n = 0; n < wanted.size(); ++n)
      if (totals_[n] > 0) weights_[n] = memory * weights_[n] + (1 - memory) * wanted[n];
  }
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (!all[n].defined()) continue;
    const Tensor weighted = weights_[n] == 1 ? result.each[n] : result.each[n] * weights_[n];
    result.total = result.total.defined() ? result.total + weighted : weighted;
  }
  return result;
}

// The norm of each loss's gradient, or the mean diagonal of its kernel.
std::vector<double> Losses::sizes(Model& model, const Result& result,
                                  const std::vector<Tensor>& residuals, std::uint64_t seed) const {
  const auto square = [&](const Tensor& sum) {
    // Not of these weights: a condition that holds exactly, or parts of the box that are elsewhere.
    Tensor g = at::zeros_like(model.trained());
    if (sum.requires_grad())
      g = torch::autograd::grad({sum}, {model.trained()}, {}, /*retain_graph=*/true)[0];
    sharing_.sum(g);
    return sharing_.square_norm(g, model.network_weights());
  };
  std::vector<double> sizes;
  for (std::size_t n = 0; n < residuals.size(); ++n) {
    double size = 0;
    if (settings_.weighting.kind == "gradient_norm") {
      size = std::sqrt(square(result.each[n]));
    } else if (totals_[n] > 0) {
      const int samples = int(std::min<long long>(trace_samples, totals_[n]));
      for (int sample = 0; sample < samples; ++sample) {
        const Tensor v =
            trace_vector(residuals[n], sample, derived_seed(seed, n, 0), firsts_[n], totals_[n]);
        size += square((v * residuals[n]).sum()) / double(samples * totals_[n]);
      }
    }
    sizes.push_back(size);
  }
  return sizes;
}

void Losses::begin_points(const std::vector<TermPoints>& points, const at::TensorOptions& options) {
  own_.reset();
  if (settings_.weighting.kind != "self_adaptive") return;
  std::vector<std::int64_t> counts;
  for (const std::size_t t : terms_)
    counts.push_back(points[t].total > 0 ? points[t].points.size(0) : 0);
  own_ = std::make_unique<PointWeights>(counts, settings_.weighting.rate, options,
                                        sharing_.point_comm());
}

void Losses::ascend(const Result& result) {
  if (own_) own_->ascend(result.squares);
}

std::vector<double> Losses::values(const Result& result) const {
  std::vector<double> values;
  for (const Tensor& l : result.each) values.push_back(l.item<double>());
  sharing_.sum(values);
  return values;
}

std::vector<double> Losses::weights() const {
  std::vector<double> all = weights_;
  if (own_)
    for (std::size_t n = 0; n < all.size(); ++n)
      if (totals_[n] > 0) all[n] *= own_->mean(n);
  return all;
}

double Losses::total(const std::vector<double>& values) const {
  double sum = 0;
  for (std::size_t n = 0; n < values.size(); ++n) sum += weights_[n] * values[n];
  return sum;
}

void Losses::save(TensorList& tensors) const {
  tensors.emplace_back("loss_weights", at::tensor(weights_, at::kDouble));
  if (own_) own_->save(tensors);
}

void Losses::restore(const TensorList& tensors) {
  for (const auto& [name, tensor] : tensors)
    if (name == "loss_weights" && tensor.numel() == std::int64_t(weights_.size()))
      std::copy_n(tensor.const_data_ptr<double>(), weights_.size(), weights_.begin());
  if (own_) own_->restore(tensors);
}

}  // namespace understudy::pinn
