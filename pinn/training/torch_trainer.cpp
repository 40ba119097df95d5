// Training: points, losses, steps, history.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <format>

#include "core/error.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "pinn/settings_fit.hpp"
#include "pinn/solver.hpp"
#include "pinn/torch_solution.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

int points_of(const Term& term, const SamplingSettings& settings) {
  switch (term.kind) {
    case Term::Kind::interior:
      return settings.interior;
    case Term::Kind::boundary:
      return settings.boundary;
    case Term::Kind::initial:
      return settings.initial;
    default:
      return settings.data;
  }
}

class Trainer {
 public:
  explicit Trainer(const TrainingTask& task) : task_(task), s_(task.settings) {
    require_fit(*task.problem, s_);
    weights_ = start_weights(*task.problem, s_);
    ModelSetup setup{task.problem, s_.network, at::kFloat, at::kCPU, s_.seed};
    if (s_.precision == "double") setup.type = at::kDouble;
    model_ = std::make_shared<Model>(setup);
    generator_ = at::make_generator<at::CPUGeneratorImpl>(s_.seed + 1);
    mean_ = at::zeros_like(model_->trained()), square_ = at::zeros_like(mean_);
  }

  TrainingResult run() {
    const int threads = s_.threads > 0 ? s_.threads : core::Runtime::threads();
    at::set_num_threads(threads);
    TrainingResult result;
    std::vector<double> times;
    for (int step = 0; step < s_.optimiser.steps; ++step) {
      const core::Stopwatch watch;
      HistoryLine line = advance(step);
      times.push_back(watch.seconds());
      result.train_s += times.back();
      const bool last = step + 1 == s_.optimiser.steps;
      const bool evaluate = s_.evaluate_every > 0 && step % s_.evaluate_every == 0;
      if (!last && step % s_.record_every != 0 && !evaluate) continue;
      line.wall_s = result.train_s;
      line.parameters = model_->parameters();
      if (evaluate || last) line.errors = errors(*task_.problem, ModelSolution(model_));
      if (!std::isfinite(line.loss))
        throw core::RunError(std::format("the loss is not finite after step {}", step));
      if (task_.progress && task_.comm.is_root()) task_.progress(line);
      result.history.push_back(std::move(line));
    }
    std::nth_element(times.begin(), times.begin() + std::ptrdiff_t(times.size() / 2), times.end());
    result.iteration_s = times[times.size() / 2];
    result.steps = s_.optimiser.steps;
    result.threads = threads;
    result.solution = std::make_shared<ModelSolution>(model_);
    result.errors = errors(*task_.problem, *result.solution);
    return result;
  }

 private:
  Tensor draw(const Term& term, Tensor& data) {
    const Region& region = term.region;
    const int wanted = points_of(term, s_.sampling);
    if (region.points.defined()) {
      Tensor points = region.points.to(model_->options());
      data = region.data.defined() ? region.data.to(model_->options()) : Tensor();
      if (wanted <= 0 || wanted >= points.size(0)) return points;
      const Tensor chosen =
          at::randint(0, points.size(0), {wanted}, generator_, at::TensorOptions(at::kLong));
      if (data.defined()) data = data.index_select(0, chosen);
      return points.index_select(0, chosen);
    }
    const auto inputs = std::int64_t(region.lower.size());
    Tensor points = at::rand({wanted, inputs}, generator_, model_->options());
    for (std::int64_t i = 0; i < inputs; ++i)
      points.select(1, i)
          .mul_(region.upper[std::size_t(i)] - region.lower[std::size_t(i)])
          .add_(region.lower[std::size_t(i)]);
    return points;
  }

  HistoryLine advance(int step) {
    HistoryLine line;
    line.step = step;
    Tensor loss;
    std::vector<Tensor> losses;
    for (const Term& term : task_.problem->terms) {
      Tensor data;
      const Tensor points = draw(term, data);
      for (const Tensor& r : model_->residuals(term, points, data)) {
        const double weight = weights_[losses.size()];
        losses.push_back(r.square().mean());
        line.weights.push_back(weight);
        const Tensor weighted = losses.back() * weight;
        loss = loss.defined() ? loss + weighted : weighted;
      }
    }
    loss.backward();
    if (step % s_.record_every == 0 || step + 1 == s_.optimiser.steps) {
      line.loss = loss.item<double>();
      for (const Tensor& l : losses) line.losses.push_back(l.item<double>());
    }
    line.learning_rate = rate(step);
    adam(line.learning_rate);
    return line;
  }

  double rate(int step) const {
    const auto& o = s_.optimiser;
    if (step < o.warm_up_steps) return o.learning_rate * (step + 1) / o.warm_up_steps;
    return o.learning_rate *
           (o.decay_steps > 0 ? std::pow(o.decay, double(step) / o.decay_steps) : 1.0);
  }

  void adam(double rate) {
    const at::NoGradGuard no_autograd;
    const auto& o = s_.optimiser;
    Tensor weights = model_->trained();
    Tensor gradient = weights.grad();
    ++taken_;
    mean_.mul_(o.beta1).add_(gradient, 1 - o.beta1);
    square_.mul_(o.beta2).addcmul_(gradient, gradient, 1 - o.beta2);
    const double correct1 = 1 - std::pow(o.beta1, taken_), correct2 = 1 - std::pow(o.beta2, taken_);
    if (o.weight_decay > 0) weights.mul_(1 - rate * o.weight_decay);
    weights.addcdiv_(mean_, (square_ / correct2).sqrt_().add_(1e-8), -rate / correct1);
    gradient.zero_();
    model_->keep_bounds();
  }

  const TrainingTask& task_;
  const Settings& s_;
  std::shared_ptr<Model> model_;
  at::Generator generator_;
  std::vector<double> weights_;  ///< of ProblemDescription::terms
  Tensor mean_, square_;
  double taken_ = 0;
};

}  // namespace

TrainingResult train(const TrainingTask& task) { return Trainer(task).run(); }

}  // namespace understudy::pinn
