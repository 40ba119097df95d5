// Checkpoints of a training, after which it goes on bitwise: weights, the optimiser's and the losses' state,
// candidates of adapted points, models of earlier windows, history. Points are drawn anew from their seeds.
// Where ranks have state of their own, each writes its own file.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <csignal>
#include <format>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "pinn/training/torch_trainer.hpp"
#include "surrogates/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// Seconds between checkpoints as training goes.
constexpr double checkpoint_s = 120;

// A line as numbers, each list led by its length.
void append(const HistoryLine& line, std::vector<double>& to) {
  for (const double value : {double(line.step), double(line.window), line.wall_s,
                             line.learning_rate, line.loss, line.phase == "lbfgs" ? 1.0 : 0.0})
    to.push_back(value);
  for (const auto* list : {&line.losses, &line.weights, &line.errors, &line.parameters}) {
    to.push_back(double(list->size()));
    to.insert(to.end(), list->begin(), list->end());
  }
}

std::vector<HistoryLine> lines_of(const Tensor& numbers, const std::string& optimiser) {
  std::vector<HistoryLine> lines;
  const double* n = numbers.const_data_ptr<double>();
  for (const double* end = n + numbers.numel(); n < end;) {
    HistoryLine line;
    line.step = std::llround(n[0]), line.window = int(n[1]), line.wall_s = n[2];
    line.learning_rate = n[3], line.loss = n[4], line.phase = n[5] > 0 ? "lbfgs" : optimiser;
    n += 6;
    for (auto* list : {&line.losses, &line.weights, &line.errors, &line.parameters}) {
      const auto count = std::size_t(*n++);
      list->assign(n, n + count);
      n += count;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

bool Trainer::each_rank_writes() const {
  return task_.comm.size() > 1 && (sharing_.domains() || s_.weighting.kind == "self_adaptive");
}

std::filesystem::path Trainer::checkpoint_file() const {
  auto path = task_.checkpoint;
  if (each_rank_writes() && !task_.comm.is_root())
    path += std::format(".rank{}", task_.comm.rank());
  return path;
}

void Trainer::save_checkpoint() {
  earlier_s_ = elapsed_s();
  watch_ = core::Stopwatch();
  surrogates::NamedTensors content;
  auto& tensors = content.tensors;
  std::vector<double> numbers{double(phase_), double(step_),  double(taken_),
                              earlier_s_,     phase_start_s_, double(task_.comm.size())};
  tensors.emplace_back("numbers", at::tensor(numbers, at::kDouble));
  tensors.emplace_back("trained", model_->trained().detach().cpu().contiguous());
  tensors.emplace_back("fixed", model_->fixed().cpu().contiguous());
  for (std::size_t w = 0; w < models_.size(); ++w) {
    tensors.emplace_back(std::format("window.{}.trained", w), models_[w]->gathered());
    tensors.emplace_back(std::format("window.{}.fixed", w), models_[w]->gathered_fixed());
  }
  optimiser_->save(tensors);
  losses_->save(tensors);
  points_->save(tensors);
  std::vector<double> lines;
  for (const HistoryLine& line : history_) append(line, lines);
  tensors.emplace_back("history", at::tensor(lines, at::kDouble));
  content.texts["problem"] = task_.problem->name;
  for (auto& [name, tensor] : tensors) tensor = tensor.contiguous();
  std::string error;
  try {
    if (task_.comm.is_root() || each_rank_writes())
      surrogates::write_archive(checkpoint_file(), content);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  task_.comm.throw_together<core::UserError>(error);
  saved_s_ = earlier_s_;
}

// Everything that does not need a phase begun; the rest waits in restored_.
bool Trainer::restore() {
  if (!task_.resume || task_.checkpoint.empty()) return false;
  bool there = task_.comm.is_root() && std::filesystem::exists(task_.checkpoint);
  task_.comm.broadcast(&there, sizeof there);
  if (!there) return false;
  surrogates::NamedTensors content;
  std::string error;
  try {
    if (task_.comm.is_root() || each_rank_writes())
      content = surrogates::read_archive(checkpoint_file(), "the training checkpoint");
    if (task_.comm.is_root() && content.texts["problem"] != task_.problem->name)
      throw core::UserError(std::format("the training checkpoint {} is of problem '{}', not '{}'",
                                        task_.checkpoint.string(), content.texts["problem"],
                                        task_.problem->name));
  } catch (const core::UserError& e) {
    error = e.what();
  }
  task_.comm.throw_together<core::UserError>(error);
  if (task_.comm.size() > 1 && !each_rank_writes()) surrogates::share_tensors(content, task_.comm);
  const double* n = content.at("numbers").const_data_ptr<double>();
  const auto ranks = std::llround(n[5]);
  error.clear();
  if (ranks != task_.comm.size() && (each_rank_writes() || sharing_.domains()))
    error = std::format("the training checkpoint {} is of {} ranks and this run has {}",
                        task_.checkpoint.string(), ranks, task_.comm.size());
  task_.comm.throw_together<core::UserError>(error);
  phase_ = std::size_t(n[0]), taken_ = std::llround(n[2]), earlier_s_ = saved_s_ = n[3];
  history_ = lines_of(content.at("history"), s_.optimiser.kind);
  // Models of the windows that are done, one from the other.
  for (std::size_t p = 0; p < phase_ && p < phases_.size(); ++p) {
    if (!phases_[p].ends_window) continue;
    const auto w = models_.size();
    begin_window(phases_[p]);
    model_->assign(content.at(std::format("window.{}.trained", w)),
                   content.at(std::format("window.{}.fixed", w)));
    models_.push_back(model_);
  }
  // Stages before this phase share its window.
  if (phase_ > 0 && phase_ < phases_.size() && !phases_[phase_ - 1].ends_window)
    begin_window(phases_[phase_]);
  restored_ = std::move(content.tensors);
  return true;
}

void Trainer::restore_phase() {
  const at::NoGradGuard no_autograd;
  for (const auto& [name, tensor] : restored_) {
    Tensor weights = model_->trained(), fixed = model_->fixed();
    if (name == "trained" || name == "fixed") {
      Tensor& own = name == "trained" ? weights : fixed;
      if (tensor.numel() != own.numel())
        throw core::UserError(std::format(
            "the training checkpoint {} has {} {} weights, and the deck's networks have {}",
            task_.checkpoint.string(), tensor.numel(), name, own.numel()));
      own.copy_(tensor);
    } else if (name == "numbers") {
      step_ = std::llround(tensor[1].item<double>());
      phase_start_s_ = tensor[4].item<double>();
    }
  }
  optimiser_->restore(restored_);
  losses_->restore(restored_);
  points_->restore(restored_);
  restored_.clear();
  if (task_.comm.is_root()) core::log::info("training goes on after step {}", taken_);
}

void Trainer::stop_if_asked() {
  int signal = core::stop_signal(task_.comm);
  if (task_.pause_after_steps > 0 && taken_ == task_.pause_after_steps) signal = SIGTERM;
  if (signal == 0) {
    // The clock is rank 0's.
    if (task_.checkpoint.empty() || step_ % s_.record_every != 0) return;
    double now = elapsed_s();
    if (task_.comm.size() > 1) task_.comm.broadcast(&now, sizeof now);
    if (now - saved_s_ > checkpoint_s) save_checkpoint();
    return;
  }
  if (!task_.checkpoint.empty()) save_checkpoint();
  throw core::Interrupted(
      std::format("training stopped by signal {} after step {}; {}", signal, taken_,
                  task_.checkpoint.empty() ? std::string("there is no checkpoint")
                                           : "checkpoint " + task_.checkpoint.string()),
      signal);
}

}  // namespace understudy::pinn
