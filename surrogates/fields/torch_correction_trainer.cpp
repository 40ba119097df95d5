#include "surrogates/fields/torch_correction_trainer.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/torch_relative_error.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

// A number of each channel as [1, channel, 1...], double, beside states of so many dimensions.
Tensor per_channel(const std::vector<FieldCard>& fields, double FieldCard::* number,
                   std::int64_t dimensions) {
  std::vector<std::int64_t> shape(dimensions, 1);
  shape[1] = static_cast<std::int64_t>(fields.size());
  Tensor all = at::empty({shape[1]}, at::kDouble);
  for (std::size_t c = 0; c < fields.size(); ++c) all.data_ptr<double>()[c] = fields[c].*number;
  return all.view(shape);
}

// So many windows of the training samples at most tell how much the solver misses.
constexpr std::int64_t windows_measured = 64;

// A call corrects the loss of its part of the window, which is taken for the same in each part.
void fit_scale(TrainingData& data, WindowSolver& solver, const std::vector<int>& solver_of_sample,
               int calls) {
  auto& fields = data.card.fields;
  const std::int64_t dimensions = data.train.front().fixed.dim() + 1;
  const Tensor mean = per_channel(fields, &FieldCard::mean, dimensions),
               std = per_channel(fields, &FieldCard::std, dimensions);
  std::int64_t all = 0;
  for (const Trajectory& t : data.train) all += t.frames() - 1;
  const std::int64_t stride = std::max<std::int64_t>(1, all / windows_measured);
  Tensor squares = at::zeros({static_cast<std::int64_t>(fields.size())}, at::kDouble);
  std::int64_t at = 0, count = 0;
  for (const Trajectory& t : data.train)
    for (std::int64_t frame = 0; frame + 1 < t.frames(); ++frame, ++at) {
      if (at % stride != 0) continue;
      const auto physical = [&](std::int64_t n) {
        return t.frame(n).unsqueeze(0).to(at::kDouble) * std + mean;
      };
      const double time_s = t.start_s + static_cast<double>(frame) * data.card.window_s;
      const Tensor made = solver.advance(physical(frame), {{solver_of_sample.at(t.sample), time_s}},
                                         data.card.window_s);
      squares += weighed((physical(frame + 1) - made).square(), t.weights).flatten(2).mean(2)[0];
      ++count;
    }
  Tensor scale = data.scale.flatten();
  for (std::size_t c = 0; c < fields.size(); ++c) {
    FieldCard& field = fields[c];
    if (field.constant) continue;
    const double miss = std::sqrt(squares[static_cast<std::int64_t>(c)].item<double>() /
                                  static_cast<double>(count));
    if (!std::isfinite(miss))
      throw core::RunError(core::format(
          "network.kind: correction: on {} cells the solver fails within a window of the "
          "training samples (the log says how); a smaller network.coarsening may help",
          mesh::shape_text(data.card.grid)));
    if (!(miss > 0))
      throw core::UserError(core::format(
          "network.kind: correction: on {} cells the solver misses nothing of {} in a window "
          "of {} s: there is nothing to correct",
          mesh::shape_text(data.card.grid), field.name, data.card.window_s));
    core::log::info(
        "training: the coarse solver misses {:.3g} {} of {} a window (it changes by {:.3g})", miss,
        field.unit, field.name, field.increment_std);
    field.increment_std = miss / calls;
    scale[static_cast<std::int64_t>(c)] = field.increment_std / field.std;
  }
}

}  // namespace

CorrectionTrainer::CorrectionTrainer(TrainingData data, std::shared_ptr<WindowSolver> solver,
                                     std::vector<int> solver_of_sample, const TrainingSetup& setup,
                                     const core::Comm& comm)
    : FieldTrainer(std::move(data), setup.network, setup.training, comm),
      solver_(std::move(solver)),
      solver_of_sample_(std::move(solver_of_sample)),
      mean_(per_channel(data_.card.fields, &FieldCard::mean, data_.scale.dim())),
      std_(per_channel(data_.card.fields, &FieldCard::std, data_.scale.dim())) {}

Tensor CorrectionTrainer::next(const Tensor& state, const Moment& at, const Tensor& constant,
                               const std::vector<Tensor>& weights) const {
  const int calls = network.params().calls;
  const double part_s = data_.card.window_s / calls;
  std::vector<WindowSolver::Place> places;
  for (const Sequence& s : at.of) {
    const Trajectory& t = at.from[s.trajectory];
    places.push_back({solver_of_sample_.at(t.sample),
                      t.start_s + static_cast<double>(s.first + at.after) * data_.card.window_s});
  }
  const auto normalised = [&](const Tensor& physical) {
    return masked(((physical - mean_) / std_).to(state.device(), at::kFloat));
  };
  const auto physical = [&](const Tensor& s) { return s.to(at::kCPU, at::kDouble) * std_ + mean_; };
  Tensor now = params_.through_solver ? state : state.detach();
  for (int call = 0; call < calls; ++call) {
    const Tensor made = normalised(solver_->advance(physical(now), places, part_s));
    for (auto& place : places) place.time_s += part_s;
    const Tensor input = at::cat({made.to(constant.scalar_type()), constant}, 1);
    const Tensor out =
        network.impl().architecture->forward(input.contiguous(layout_), weights).to(at::kFloat);
    now = normalised(solver_->constrain(physical(made + out * data_.scale), places));
    if (!params_.through_solver && call + 1 < calls) now = now.detach();
  }
  return now;
}

Tensor CorrectionTrainer::part_of_loss(const std::vector<Sequence>& batch, int unroll,
                                       std::size_t first) {
  solver_->forget();
  return FieldTrainer::part_of_loss(batch, unroll, first);
}

std::unique_ptr<CorrectionTrainer> make_correction_trainer(const DatasetReader& reader,
                                                           TrainingData data,
                                                           const TrainingSetup& setup,
                                                           const core::Comm& comm,
                                                           const MakeCoarseSolver& make) {
  if (!make)
    throw core::UserError(
        "network.kind: correction wants the deck's solver on a coarser grid; only simulations' decks "
        "train it");
  auto solver =
      std::make_shared<WindowSolver>(make, data.card.fields, setup.training.solver_memory_mb);
  std::vector<int> solver_of_sample;
  for (const SampleInfo& sample : reader.samples())
    solver_of_sample.push_back(solver->solver_of(sample));
  if (setup.training.through_solver)
    for (const int n : solver_of_sample) solver->require_differentiable(n);
  fit_scale(data, *solver, solver_of_sample, setup.network.calls);
  return std::make_unique<CorrectionTrainer>(std::move(data), std::move(solver),
                                             std::move(solver_of_sample), setup, comm);
}

}  // namespace understudy::surrogates
