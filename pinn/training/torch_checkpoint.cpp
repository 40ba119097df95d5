// Checkpoints of a training, after which it goes on bitwise: weights, the optimiser's and the losses' state,
// candidates of adapted points, models of earlier windows, history. Points are drawn anew from their seeds.
// Where ranks have state of their own, each writes its own file (rank_files.hpp).
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <span>
#include <sstream>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/provenance.hpp"
#include "core/runtime.hpp"
#include "pinn/training/rank_files.hpp"
#include "pinn/training/torch_trainer.hpp"
#include "surrogates/network/torch_archive.hpp"

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

// A line that the file cuts off ends the list.
std::vector<HistoryLine> lines_of(std::span<const double> numbers, const std::string& optimiser) {
  std::vector<HistoryLine> lines;
  const double* n = numbers.data();
  for (const double* end = n + numbers.size(); end - n >= 6;) {
    HistoryLine line;
    line.step = std::llround(n[0]);
    line.window = int(n[1]);
    line.wall_s = n[2];
    line.learning_rate = n[3];
    line.loss = n[4];
    line.phase = n[5] > 0 ? "lbfgs" : optimiser;
    n += 6;
    for (auto* list : {&line.losses, &line.weights, &line.errors, &line.parameters}) {
      const double count = n < end ? *n++ : -1;
      if (!(count >= 0 && count <= double(end - n))) return lines;
      list->assign(n, n + std::size_t(count));
      n += std::size_t(count);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

const double* numbers_of(const surrogates::NamedTensors& content, const std::string& file) {
  try {
    return content.numbers("numbers", 6).data();
  } catch (const std::out_of_range& error) {
    throw core::UserError(core::format(
        "the training checkpoint {} is incomplete: {}; without --resume training starts anew", file,
        error.what()));
  }
}

std::vector<std::string> lines_in(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The first line in which two identities differ, with the keys above it that it stands under: "theirs", "mine".
std::pair<std::string, std::string> difference(const std::string& theirs, const std::string& mine) {
  const auto a = lines_in(theirs), b = lines_in(mine);
  const auto line = [](const std::vector<std::string>& all, std::size_t n) {
    if (n >= all.size()) return std::string("nothing");
    std::size_t depth = all[n].find_first_not_of(" -");
    std::string text = all[n].substr(std::min(depth, all[n].size()));
    for (std::size_t above = n; above-- > 0 && depth > 0;) {
      const std::size_t other = all[above].find_first_not_of(" -");
      if (other >= depth) continue;
      depth = other;
      text = all[above].substr(other, all[above].find(':') - other) + "." + text;
    }
    return text;
  };
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return {line(a, n), line(b, n)};
}

// On how many threads does not make it another training.
std::string without_threads(const std::string& identity) {
  std::string text;
  for (const auto& line : lines_in(identity))
    if (!line.starts_with("threads: ")) text += line + "\n";
  return text;
}

std::string hash_of(const std::string& identity) { return core::sha256(identity).substr(0, 16); }

}  // namespace

bool PinnTrainer::each_rank_writes() const {
  return task_.comm.size() > 1 && (sharing_.domains() || s_.weighting.kind == "self_adaptive");
}

std::filesystem::path PinnTrainer::checkpoint_file() const {
  return rank_file(task_.checkpoint, each_rank_writes() ? task_.comm.rank() : 0, generation_);
}

// What is not a number must not take the place of what is: a device is not asked in every step. Collective.
void PinnTrainer::require_finite() const {
  const at::NoGradGuard no_autograd;
  const bool finite = model_->trained().isfinite().all().item<bool>();
  task_.comm.throw_on_all_ranks<core::RunError>(
      finite
          ? ""
          : core::format(
                "problem {}: the weights are not finite after step {}; the checkpoint before stands. "
                "A lower optimiser.learning_rate or a gradient_clip may help",
                task_.problem->name, taken_));
}

void PinnTrainer::save_checkpoint() {
  require_finite();
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
    tensors.emplace_back(core::format("window.{}.trained", w), models_[w]->gathered());
    tensors.emplace_back(core::format("window.{}.fixed", w), models_[w]->gathered_fixed());
  }
  if (gauss_newton_)
    gauss_newton_->save(tensors);
  else
    optimiser_->save(tensors);
  losses_->save(tensors);
  points_->save(tensors);
  std::vector<double> lines;
  for (const HistoryLine& line : history_) append(line, lines);
  tensors.emplace_back("history", at::tensor(lines, at::kDouble));
  content.texts["problem"] = task_.problem->name;
  content.texts["identity"] = task_.identity;
  generation_ = each_rank_writes() ? new_generation(task_.comm) : "";
  if (!generation_.empty()) content.texts["generation"] = generation_;
  for (auto& [name, tensor] : tensors) tensor = tensor.contiguous();
  std::string error;
  try {
    if (!task_.comm.is_root() && each_rank_writes())
      surrogates::write_archive(checkpoint_file(), content);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  task_.comm.throw_on_all_ranks<core::UserError>(error);
  // Rank 0's makes it the checkpoint.
  task_.comm.on_root<core::UserError>([&] {
    surrogates::write_archive(task_.checkpoint, content);
    remove_other_generations(task_.checkpoint, each_rank_writes() ? task_.comm.size() : 1,
                             generation_);
  });
  saved_s_ = earlier_s_;
}

// UserError where the checkpoint is of another problem, deck or number of ranks.
void PinnTrainer::require_same_training(const surrogates::NamedTensors& content,
                                        const std::string& file) const {
  const auto text = [&](const char* key) {
    const auto found = content.texts.find(key);
    return found == content.texts.end() ? std::string() : found->second;
  };
  if (text("problem") != task_.problem->name)
    throw core::UserError(core::format("the training checkpoint {} is of problem '{}', not '{}'",
                                       file, text("problem"), task_.problem->name));
  const double* n = numbers_of(content, file);
  const auto ranks = std::llround(n[5]);
  if (text("generation") != generation_)
    throw core::UserError(core::format(
        "the training checkpoint {} was written with others than {} (generation '{}', there '{}'): "
        "copy all files of one checkpoint back; without --resume training starts anew",
        file, task_.checkpoint.string(), text("generation"), generation_));
  if (ranks != task_.comm.size() && (sharing_.domains() || s_.weighting.kind == "self_adaptive"))
    throw core::UserError(core::format(
        "the training checkpoint {} is of {} ranks and this run has {}; with {} they "
        "must be the same",
        file, ranks, task_.comm.size(),
        sharing_.domains() ? "parallel.mode domains" : "weighting.kind self_adaptive"));
  const std::string theirs = without_threads(text("identity"));
  const std::string ours = without_threads(task_.identity);
  if (theirs != ours) {
    const auto [was, is] = difference(theirs, ours);
    throw core::UserError(core::format(
        "the training checkpoint {} is of another deck: it has '{}', this one '{}' (hash {}, this "
        "one's {}); without --resume training starts anew",
        file, was, is, hash_of(theirs), hash_of(ours)));
  }
}

// Everything that does not need a phase begun; the rest waits in restored_.
bool PinnTrainer::restore() {
  if (!task_.resume || task_.checkpoint.empty()) return false;
  bool there = task_.comm.is_root() && std::filesystem::exists(task_.checkpoint);
  task_.comm.broadcast(&there, sizeof there);
  if (!there) return false;
  surrogates::NamedTensors content;
  task_.comm.on_root<core::UserError>([&] {
    content = surrogates::read_archive(task_.checkpoint, "the training checkpoint");
    if (const auto found = content.texts.find("generation"); found != content.texts.end())
      generation_ = found->second;
    require_same_training(content, task_.checkpoint.string());
  });
  generation_ = task_.comm.broadcast(generation_);
  std::string error;
  if (each_rank_writes()) {
    try {
      if (!task_.comm.is_root()) {
        content = surrogates::read_archive(checkpoint_file(), "the training checkpoint");
        require_same_training(content, checkpoint_file().string());
      }
    } catch (const core::UserError& e) {
      error = e.what();
    }
    task_.comm.throw_on_all_ranks<core::UserError>(error);
  } else if (task_.comm.size() > 1) {
    surrogates::share_tensors(content, task_.comm);
  }
  const double* n = numbers_of(content, checkpoint_file().string());
  std::array<double, 3> first{n[0], n[1], n[2]};
  task_.comm.broadcast(first.data(), sizeof first);
  if (!std::equal(first.begin(), first.end(), n))
    error = core::format(
        "the training checkpoint {} is of phase {}, step {}, and rank 0's of phase {}, step {}: "
        "the files of one training do not fit together; without --resume it starts anew",
        checkpoint_file().string(), n[0], n[1], first[0], first[1]);
  task_.comm.throw_on_all_ranks<core::UserError>(error);
  phase_ = std::size_t(n[0]);
  taken_ = std::llround(n[2]);
  earlier_s_ = saved_s_ = n[3];
  history_ = lines_of(content.numbers("history"), s_.optimiser.kind);
  // Models of the windows that are done, one from the other.
  for (std::size_t p = 0; p < phase_ && p < phases_.size(); ++p) {
    if (!phases_[p].ends_window) continue;
    const auto w = models_.size();
    begin_window(phases_[p]);
    model_->assign(content.at(core::format("window.{}.trained", w)),
                   content.at(core::format("window.{}.fixed", w)));
    models_.push_back(model_);
  }
  // Stages before this phase share its window.
  if (phase_ > 0 && phase_ < phases_.size() && !phases_[phase_ - 1].ends_window)
    begin_window(phases_[phase_]);
  restored_ = std::move(content.tensors);
  return true;
}

void PinnTrainer::restore_phase() {
  const at::NoGradGuard no_autograd;
  for (const auto& [name, tensor] : restored_) {
    Tensor weights = model_->trained(), fixed = model_->fixed();
    if (name == "trained" || name == "fixed") {
      Tensor& own = name == "trained" ? weights : fixed;
      if (tensor.numel() != own.numel())
        throw core::UserError(core::format(
            "the training checkpoint {} has {} {} weights, and the deck's networks have {}",
            task_.checkpoint.string(), tensor.numel(), name, own.numel()));
      own.copy_(tensor);
    } else if (name == "numbers") {
      step_ = std::llround(tensor[1].item<double>());
      phase_start_s_ = tensor[4].item<double>();
    }
  }
  if (gauss_newton_)
    gauss_newton_->restore(restored_);
  else
    optimiser_->restore(restored_);
  losses_->restore(restored_);
  points_->restore(restored_);
  restored_.clear();
  if (task_.comm.is_root()) core::log::info("training goes on after step {}", taken_);
}

void PinnTrainer::stop_if_asked() {
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
      core::format("training stopped by signal {} after step {}; {}", signal, taken_,
                   task_.checkpoint.empty() ? std::string("there is no checkpoint")
                                            : "checkpoint " + task_.checkpoint.string()),
      signal);
}

}  // namespace understudy::pinn
