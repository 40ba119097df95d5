#include "pinn/training/torch_trainer.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "pinn/sampling.hpp"
#include "pinn/torch_device.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// What an iteration of the finish costs in steps: more than one evaluation, often in double precision.
constexpr double finish_cost = 2.5;

}  // namespace

PinnTrainer::PinnTrainer(const TrainingTask& task)
    : task_(task), s_(task.settings), sharing_(task.comm, task.settings.parallel) {
  check_settings(task);
  if (s_.curriculum.windows > 1) edges_ = window_edges(*task.problem, s_.curriculum.windows);
  add_phases();
  if (task.problem->reference && !task.problem->evaluation.empty()) {
    evaluation_ = evaluation_points(*task.problem);
    truth_ = reference(*task.problem, evaluation_);
  }
}

void PinnTrainer::add_phases() {
  for (const auto& stage : s_.curriculum.stages)
    phases_.push_back({task_.remake({{stage.constant, stage.value}}), 0, stage.steps, false});
  for (int window = 0; window < s_.curriculum.windows; ++window)
    phases_.push_back({task_.problem, window, s_.optimiser.steps, true});
}

ModelSetup PinnTrainer::setup_of(const std::shared_ptr<const Problem>& problem,
                                 at::ScalarType type) const {
  ModelSetup setup{problem, s_.network, type, compute_device(), s_.seed};
  setup.parallel = s_.parallel;
  setup.comm = task_.comm;
  return setup;
}

PointPlan PinnTrainer::plan_of(std::shared_ptr<const Problem> problem) const {
  PointPlan plan;
  plan.problem = std::move(problem);
  plan.sampling = s_.sampling;
  plan.chunks = s_.causal.chunks;
  plan.seed = derived_seed(s_.seed, 1, phase_);
  plan.rank = sharing_.rank();
  plan.ranks = sharing_.ranks();
  plan.options = model_->options();
  return plan;
}

void PinnTrainer::begin_window(const Phase& phase) {
  auto problem = phase.problem;
  if (!edges_.empty())
    problem =
        window_problem(*problem, edges_, phase.window, models_.empty() ? nullptr : models_.back());
  model_ = std::make_shared<Model>(
      setup_of(problem, s_.precision == "double" ? at::kDouble : at::kFloat));
  if (!models_.empty()) {
    model_->assign(models_.back()->gathered(), models_.back()->gathered_fixed());
  } else if (const auto* start = dynamic_cast<const ModelSolution*>(task_.start.get())) {
    const Tensor trained = start->model().gathered();
    if (trained.numel() != model_->gathered().numel())
      throw core::UserError(core::format(
          "the start has {} weights and the deck's networks have {}; they must be the same",
          trained.numel(), model_->gathered().numel()));
    model_->assign(trained, start->model().gathered_fixed());
  }
}

void PinnTrainer::begin_phase(const Phase& phase) {
  const bool new_window = !model_ || (phase_ > 0 && phases_[phase_ - 1].ends_window);
  if (new_window) {
    begin_window(phase);
  } else {
    model_->adopt(edges_.empty() ? phase.problem
                                 : window_problem(*phase.problem, edges_, phase.window, nullptr));
  }
  const auto problem = model_->setup().problem;
  points_ = std::make_unique<PointSource>(plan_of(problem));
  losses_ = std::make_unique<Losses>(s_, sharing_, *problem);
  // Anew: squares of the small gradients at a phase's end would let the next one's first steps leap.
  if (s_.optimiser.kind == "gauss_newton")
    gauss_newton_ = std::make_unique<GaussNewton>(s_.optimiser, *model_, *losses_, sharing_);
  else
    optimiser_ = std::make_unique<PinnOptimiser>(s_.optimiser, model_->trained(), model_->slices());
  step_ = 0;
  refused_ = 0;
  phase_start_s_ = elapsed_s();
  if (s_.weighting.kind == "self_adaptive")
    losses_->begin_points(points_->at(0), model_->options());
  if (!restored_.empty()) restore_phase();
}

double PinnTrainer::elapsed_s() const {
  double now = earlier_s_ + watch_.seconds();
  if (s_.optimiser.max_time_s > 0 && task_.comm.size() > 1)
    task_.comm.broadcast(&now, sizeof now);  // decisions hang on it
  return now;
}

// Time is shared out by steps over the phases that are left.
double PinnTrainer::end_of_phase_s(const Phase& phase) const {
  double left = 0;
  for (std::size_t p = phase_; p < phases_.size(); ++p)
    left += double(phases_[p].steps) +
            (phases_[p].ends_window ? finish_cost * s_.optimiser.lbfgs_iterations : 0);
  return phase_start_s_ +
         (s_.optimiser.max_time_s - phase_start_s_) * double(phase.steps) / std::max(1.0, left);
}

// Steps of the phase's schedule: more than were taken where the time is short.
double PinnTrainer::position(const Phase& phase) const {
  if (s_.optimiser.max_time_s <= 0) return double(step_);
  const double end_s = end_of_phase_s(phase), now_s = elapsed_s();
  const double part =
      end_s > phase_start_s_ ? (now_s - phase_start_s_) / (end_s - phase_start_s_) : 1;
  return std::max(double(step_), part * double(phase.steps));
}

void PinnTrainer::run_phase(const Phase& phase) {
  const auto every = [&](int steps) { return steps > 0 && step_ % steps == 0; };
  bool ended = step_ > 0;  // the line of the last step is written
  for (double at = position(phase); at < double(phase.steps); at = position(phase)) {
    const core::Stopwatch watch;
    ended = step_ + 1 >= phase.steps;
    const bool evaluate = every(s_.evaluate_every) || ended;
    const bool wanted = every(s_.record_every) || evaluate;
    HistoryLine line = advance(step_, wanted);
    if (!gauss_newton_) line.learning_rate = learning_rate(s_.optimiser, at);
    ++step_;
    ++taken_;
    step_times_s_.push_back(float(watch.seconds()));
    if (wanted) record(std::move(line), evaluate);
    stop_if_asked();
  }
  if (!ended) end_early();
  if (phase.ends_window && s_.optimiser.lbfgs_iterations > 0) {
    if (!task_.checkpoint.empty()) save_checkpoint();
    run_refinement(phase);
  }
}

// The last line where time ended the phase: the losses as they are.
void PinnTrainer::end_early() {
  if (step_ == 0) return;
  const at::NoGradGuard no_autograd;
  HistoryLine line;
  line.losses = losses_->values(losses_->evaluate(*model_, points_->at(step_ - 1), false));
  line.loss = losses_->total(line.losses);
  line.weights = losses_->weights();
  line.learning_rate = gauss_newton_ ? gauss_newton_->damping()
                                     : learning_rate(s_.optimiser, double(phases_[phase_].steps));
  record(std::move(line), true);
}

HistoryLine PinnTrainer::advance(long long step, bool wanted) {
  if (points_->adapts_at(step)) adapt(step);
  const auto& points = points_->at(step);
  if (gauss_newton_) return advance_gauss_newton(points);
  const auto result = losses_->evaluate(*model_, points, losses_->due(step),
                                        derived_seed(s_.seed, 2 + phase_, std::uint64_t(step)));
  Tensor gradient = at::zeros_like(model_->trained());
  if (result.total.requires_grad())
    gradient = torch::autograd::grad({result.total}, {model_->trained()})[0];
  sharing_.sum(gradient);
  HistoryLine line;
  // A device is not asked in every step.
  if (gradient.is_cpu() || wanted || s_.optimiser.gradient_clip > 0) clip(gradient, result);
  if (wanted) {
    line.losses = losses_->values(result);
    line.loss = losses_->total(line.losses);
    line.weights = losses_->weights();
  }
  const double rate = learning_rate(s_.optimiser, position(phases_[phase_]));
  try {
    optimiser_->step(gradient, rate);
  } catch (
      const c10::Error& error) {  // its factors are not finite, as squares of large gradients are
    const std::string why = error.what_without_backtrace();
    throw core::RunError(core::format(
        "problem {}: the optimiser {} cannot go on in step {}, where {}: {}", task_.problem->name,
        s_.optimiser.kind, taken_, what_is_largest(result), why.substr(0, why.find('\n'))));
  }
  model_->keep_bounds();
  losses_->ascend(result);
  return line;
}

HistoryLine PinnTrainer::advance_gauss_newton(const std::vector<TermPoints>& points) {
  GaussNewton::Step made;
  try {
    made = gauss_newton_->step(points);
  } catch (const core::RunError& error) {
    throw core::RunError(
        core::format("problem {}, step {}: {}", task_.problem->name, taken_, error.what()));
  }
  constexpr int long_time = 10;
  refused_ = made.taken ? 0 : refused_ + 1;
  if (refused_ == long_time && task_.comm.is_root())
    core::log::warn(
        "problem {}: {} steps up to step {} did not lower the loss of {:.3g}: it is at rounding, or "
        "weights and scales are too far apart",
        task_.problem->name, long_time, taken_, made.loss);
  HistoryLine line;
  line.losses = made.losses;
  line.loss = made.loss;
  line.weights = losses_->weights();
  line.learning_rate = made.damping;
  return line;
}

// Names the term that a step that failed most likely failed of.
std::string PinnTrainer::what_is_largest(const Losses::Result& result) const {
  auto losses = losses_->values(result);
  const auto weights = losses_->weights();
  for (std::size_t n = 0; n < losses.size() && n < weights.size(); ++n) losses[n] *= weights[n];
  std::size_t largest = 0;
  for (std::size_t n = 0; n < losses.size(); ++n)
    if (!(losses[n] <= losses[largest])) largest = n;
  if (losses.empty()) return "no term has a loss";
  return core::format("the largest weighted loss is that of {}, {:.3g}", losses_->names()[largest],
                      losses[largest]);
}

// Cuts the gradient down to the largest norm. RunError where it is not finite.
void PinnTrainer::clip(Tensor& gradient, const Losses::Result& result) {
  const double norm = std::sqrt(sharing_.square_norm(gradient, model_->network_weights()));
  if (!std::isfinite(norm)) {
    const auto losses = losses_->values(result);
    std::string name = "the gradient";
    for (std::size_t n = losses.size(); n-- > 0;)
      if (!std::isfinite(losses[n])) name = "the loss of " + losses_->names()[n];
    if (name == "the gradient") name += " (" + what_is_largest(result) + ")";
    throw core::RunError(core::format(
        "problem {}: {} is not finite in step {}; a lower optimiser.learning_rate or a "
        "gradient_clip may help",
        task_.problem->name, name, taken_));
  }
  const double most = s_.optimiser.gradient_clip;
  if (most > 0 && norm > most) {
    gradient.mul_(most / norm);
    return;
  }
  // The optimiser's squares would be infinite, and its next step no number.
  const double largest =
      std::sqrt(gradient.scalar_type() == at::kFloat ? double(std::numeric_limits<float>::max())
                                                     : std::numeric_limits<double>::max());
  if (norm >= largest)
    throw core::RunError(core::format(
        "problem {}: the gradient is {:.3g} in step {}, and its square is not finite in {} precision ({}); "
        "give that term a smaller weight, or set optimiser.gradient_clip",
        task_.problem->name, norm, taken_, s_.precision, what_is_largest(result)));
}

void PinnTrainer::adapt(long long step) {
  const at::NoGradGuard no_autograd;
  for (const auto& c : points_->candidates(step)) {
    const Term& term = model_->problem().terms[c.term];
    Tensor square = at::zeros({c.points.size(0)}, at::kDouble);
    for (std::int64_t first = 0; first < c.points.size(0); first += 16384) {
      const std::int64_t count = std::min<std::int64_t>(16384, c.points.size(0) - first);
      for (const Tensor& r : model_->residuals(term, c.points.narrow(0, first, count), Tensor()))
        square.narrow(0, first, count).add_(r.detach().cpu().to(at::kDouble).square());
    }
    std::vector<double> residual(std::size_t(s_.sampling.adapt_candidates), 0.0);
    const Tensor size = square.sqrt();
    std::copy_n(size.const_data_ptr<double>(), size.numel(), residual.begin() + c.first);
    sharing_.sum(residual);
    points_->adapt(c.term, residual);
  }
}

std::shared_ptr<Solution> PinnTrainer::solution() const {
  if (edges_.empty()) return std::make_shared<ModelSolution>(model_);
  auto models = models_;
  if (models.empty() || models.back() != model_) models.push_back(model_);
  return std::make_shared<WindowedSolution>(task_.problem, edges_, models);
}

std::vector<double> PinnTrainer::errors_now() {
  return errors_at(evaluation_, truth_, *task_.problem, *solution());
}

void PinnTrainer::record(HistoryLine line, bool evaluate) {
  earlier_s_ = elapsed_s();
  line.step = taken_ - (line.phase == "adam" ? 1 : 0);
  if (line.phase == "adam") line.phase = s_.optimiser.kind;
  line.window = phases_[phase_].window;
  line.wall_s = earlier_s_;
  line.parameters = model_->parameters();
  if (evaluate) line.errors = errors_now();
  if (task_.progress && task_.comm.is_root()) task_.progress(line);
  history_.push_back(std::move(line));
  watch_ = core::Stopwatch();  // evaluations are no training
}

TrainingResult PinnTrainer::run() {
  const int threads = s_.threads > 0 ? s_.threads : core::Runtime::threads();
  at::set_num_threads(threads);
  watch_ = core::Stopwatch();
  for (restore(); phase_ < phases_.size(); ++phase_) {
    begin_phase(phases_[phase_]);
    run_phase(phases_[phase_]);
    if (phases_[phase_].ends_window) models_.push_back(model_);
  }
  if (!task_.checkpoint.empty() && losses_) save_checkpoint();
  TrainingResult result;
  result.train_s = elapsed_s();
  result.solution = solution();
  result.errors = errors_now();
  result.history = std::move(history_);
  result.steps = taken_;
  result.threads = threads;
  if (!step_times_s_.empty()) {
    const auto middle = step_times_s_.begin() + std::ptrdiff_t(step_times_s_.size() / 2);
    std::nth_element(step_times_s_.begin(), middle, step_times_s_.end());
    result.iteration_s = *middle;
  }
  return result;
}

TrainingResult train(const TrainingTask& task) { return PinnTrainer(task).run(); }

}  // namespace understudy::pinn
