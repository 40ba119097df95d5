#include "surrogates/training/training_loop.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <numbers>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "core/params_text.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/training/torch_trainer.hpp"

namespace understudy::surrogates {

namespace {

// The loop's own counters: with the Trainer's tensors, everything that a resumed training needs.
struct Loop {
  long long epoch = 0;     ///< epochs completed
  long long batch = 0;     ///< batches done in this epoch
  double loss_sum = 0;     ///< of this epoch so far
  double elapsed_s = 0;    ///< earlier runs included
  double core_s = 0;       ///< held until now, earlier runs included
  double best_score = -1;  ///< none yet
  long long windows_trained = 0;
  long long stale = 0;  ///< validations since the best one
  std::vector<EpochRecord> curve;
};

// The same number on all ranks that have the same weights; else different with near certainty.
double digest(const at::Tensor& weights) {
  const at::Tensor host = weights.cpu();
  const auto* words = static_cast<const std::uint32_t*>(host.const_data_ptr());
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a over words (Fowler, Noll & Vo)
  for (std::int64_t n = 0; n < host.numel(); ++n) hash = (hash ^ words[n]) * 1099511628211ULL;
  return static_cast<double>(hash >> 12);
}

// What a checkpoint must have been made by. The first line is the checkpoint's own layout.
std::string text_of(TrainingSetup setup, const std::string& dataset_hash) {
  return "checkpoint 3\n" + params_text(setup.network) + params_text(setup.training) + dataset_hash;
}

class Training {
 public:
  Training(std::unique_ptr<Trainer> trainer, const TrainingSetup& setup, double prepared_s)
      : params_(setup.training),
        prepared_s_(prepared_s),
        comm_(trainer->comm()),
        threads_(at::get_num_threads()),
        cores_(comm_.sum(static_cast<double>(threads_))),
        files_(setup.files),
        trainer_(std::move(trainer)),
        identity_(text_of(setup, trainer_->card.dataset_hash)),
        git_(setup.provenance.git) {
    best_ = trainer_->optimiser.averaged().clone();
    if (!files_.resume || files_.checkpoint.empty()) return;
    bool there = comm_.is_root() && std::filesystem::exists(files_.checkpoint);
    comm_.broadcast(&there, sizeof there);
    if (there) restore();
  }

  TrainingReport run() {
    core::Progress progress("train", 1000, "permille");
    const double earlier_s = loop_.elapsed_s, earlier_core_s = loop_.core_s;
    const core::Stopwatch stopwatch;
    // Rank 0's clock: the schedule may depend on it.
    auto elapsed = [&] {
      double here_s = stopwatch.seconds();
      if (comm_.size() > 1) comm_.broadcast(&here_s, sizeof here_s);
      loop_.core_s = earlier_core_s + (prepared_s_ + here_s) * cores_;
      return earlier_s + here_s;
    };
    try {
      while (!done()) {
        run_epoch(elapsed, progress);
        comm_.on_root<core::UserError>([&] { write_curve(); });
      }
    } catch (const core::Interrupted& stop) {
      if (loop_.best_score < 0) throw;
      throw TrainingInterrupted(stop, finish(elapsed));
    }
    loop_.elapsed_s = elapsed();
    return finish(elapsed);
  }

 private:
  bool patience_is_out() const { return params_.patience > 0 && loop_.stale >= params_.patience; }
  bool done() const { return fraction() >= 1 || patience_is_out(); }

  // Progress of the schedule: by epochs, or by time where there is a limit.
  double fraction() const {
    if (trainer_->closed_form()) return loop_.epoch > 0 || loop_.batch > 0 ? 1 : 0;
    const double batches = std::max<double>(1, static_cast<double>(batches_in_epoch_));
    const double by_epoch =
        (static_cast<double>(loop_.epoch) + static_cast<double>(loop_.batch) / batches) /
        params_.epochs;
    const double by_time = params_.max_time_s > 0 ? loop_.elapsed_s / params_.max_time_s : 0;
    return std::max(by_epoch, by_time);
  }

  double rate() const {
    const double f = std::min(fraction(), 1.0);
    if (f < params_.warm_up) return params_.learning_rate * (f + 1e-3) / (params_.warm_up + 1e-3);
    const double through = (f - params_.warm_up) / (1 - params_.warm_up);
    const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * through));
    return params_.learning_rate * (params_.final_rate + (1 - params_.final_rate) * cosine);
  }

  int unroll() const {
    std::size_t phase = 0;
    while (phase < params_.unroll_fractions.size() && fraction() >= params_.unroll_fractions[phase])
      ++phase;
    return static_cast<int>(params_.unroll[phase]);
  }

  template <class Elapsed>
  void run_epoch(const Elapsed& elapsed, core::Progress& progress) {
    // A resumed epoch keeps the phase it was begun in.
    if (loop_.batch == 0) unroll_ = unroll();
    const auto order = shuffled(trainer_->sequences(unroll_), params_.seed, loop_.epoch);
    const auto size = std::min<std::size_t>(params_.batch, order.size());
    batches_in_epoch_ = static_cast<long long>(order.size() / size);
    while (loop_.batch < batches_in_epoch_ && fraction() < 1) {
      const auto first = order.begin() + static_cast<std::ptrdiff_t>(loop_.batch * size);
      const std::vector<std::int64_t> batch(first, first + static_cast<std::ptrdiff_t>(size));
      loop_.loss_sum += trainer_->step(batch, {unroll_, rate(), std::min(1.0, fraction())});
      loop_.windows_trained += static_cast<long long>(size) * unroll_;
      ++loop_.batch;
      loop_.elapsed_s = elapsed();
      progress.update(1000 * std::min(1.0, fraction()),
                      core::format("epoch {}  loss {:.4g}", loop_.epoch + 1,
                                   loop_.loss_sum / static_cast<double>(loop_.batch)));
      stop_if_asked();
    }
    EpochRecord record{.unroll = unroll_, .learning_rate = rate()};
    record.loss = loop_.loss_sum / static_cast<double>(std::max(1LL, loop_.batch));
    record.epoch = ++loop_.epoch;
    loop_.batch = 0;
    loop_.loss_sum = 0;
    if (fraction() >= 1 || loop_.epoch % params_.validate_every == 0)
      record.validation = validate();
    const bool last = done();
    loop_.elapsed_s = elapsed();
    record.wall_s = loop_.elapsed_s;
    loop_.curve.push_back(record);
    if (last || loop_.epoch % params_.checkpoint_every == 0) save();
  }

  double validate() {
    const at::Tensor& weights = trainer_->optimiser.averaged();
    const double mine = digest(weights);
    if (comm_.max(mine) != comm_.min(mine))
      throw core::RunError(core::format(
          "training: the weights of the {} ranks have come apart after {} steps, which happens when "
          "their processors round differently; train on nodes of one kind",
          comm_.size(), trainer_->optimiser.steps));
    const double score = trainer_->validate(weights).score();
    if (loop_.best_score < 0 || score < loop_.best_score) {
      loop_.best_score = score;
      loop_.stale = 0;
      best_.copy_(weights);
    } else if (++loop_.stale == params_.patience) {
      core::log::info("training stops early: no better rollout in the last {} validations",
                      loop_.stale);
    }
    return score;
  }

  void stop_if_asked() {
    int signal = core::stop_signal(comm_);
    if (files_.pause_after_steps > 0 && ++steps_here_ >= files_.pause_after_steps) signal = SIGTERM;
    if (signal == 0) return;
    save();
    throw core::Interrupted(
        core::format("training stopped by signal {} in epoch {}; {}", signal, loop_.epoch + 1,
                     files_.checkpoint.empty() ? std::string("no checkpoint")
                                               : "checkpoint " + files_.checkpoint.string()),
        signal);
  }

  void write_curve() const {
    if (files_.curve.empty()) return;
    std::string text = "epoch,unroll,learning_rate,loss,validation_rel_l2,wall_s\n";
    for (const EpochRecord& r : loop_.curve)
      text += core::format(
          "{},{},{:.6g},{:.6g},{},{:.2f}\n", r.epoch, r.unroll, r.learning_rate, r.loss,
          r.validation < 0 ? std::string() : core::format("{:.6g}", r.validation), r.wall_s);
    core::write_file(files_.curve, text);
  }

  void save() const {
    if (files_.checkpoint.empty()) return;
    comm_.on_root<core::UserError>([&] { write_checkpoint(); });
  }

  void write_checkpoint() const {
    NamedTensors content;
    trainer_->optimiser.save(content.tensors);
    content.tensors.emplace_back("best", best_.cpu());
    std::vector<double> numbers{
        double(loop_.epoch), double(loop_.batch),       loop_.loss_sum,
        loop_.elapsed_s,     loop_.best_score,          double(trainer_->optimiser.steps),
        double(unroll_),     double(batches_in_epoch_), double(loop_.windows_trained),
        loop_.core_s,        double(loop_.stale),       double(comm_.size())};
    for (const EpochRecord& r : loop_.curve)
      for (const double value :
           {double(r.epoch), double(r.unroll), r.learning_rate, r.loss, r.validation, r.wall_s})
        numbers.push_back(value);
    content.tensors.emplace_back("numbers", at::tensor(numbers, at::kDouble));
    content.texts["identity"] = identity_;
    content.texts["git"] = git_;
    write_archive(files_.checkpoint, content);
  }

  // Rank 0 reads, and all have the same.
  NamedTensors read_checkpoint() const {
    NamedTensors content;
    comm_.on_root<core::UserError>([&] {
      content = read_archive(files_.checkpoint, "training checkpoint");
      const auto found = content.texts.find("identity");
      if (found == content.texts.end() || found->second != identity_)
        throw core::UserError(core::format(
            "training checkpoint {} is of another network, training section or dataset; remove "
            "it, or give the deck that made it",
            files_.checkpoint.string()));
    });
    if (comm_.size() > 1) share_tensors(content, comm_);
    return content;
  }

  void restore() {
    const NamedTensors content = read_checkpoint();
    trainer_->optimiser.restore(content.tensors);
    best_.copy_(content.at("best"));
    const at::Tensor& numbers = content.at("numbers");
    const double* n = numbers.const_data_ptr<double>();
    loop_.epoch = std::llround(n[0]);
    loop_.batch = std::llround(n[1]);
    loop_.loss_sum = n[2];
    loop_.elapsed_s = n[3];
    loop_.best_score = n[4];
    trainer_->optimiser.steps = std::llround(n[5]);
    unroll_ = static_cast<int>(n[6]);
    batches_in_epoch_ = std::llround(n[7]);
    loop_.windows_trained = std::llround(n[8]);
    loop_.core_s = n[9];
    loop_.stale = std::llround(n[10]);
    if (std::llround(n[11]) != comm_.size())
      core::log::warn(
          "{} was written by {} ranks and this training has {}: it goes on as the same training "
          "would to round-off, not bitwise",
          files_.checkpoint.string(), std::llround(n[11]), comm_.size());
    for (const double* r = n + 12; r + 6 <= n + numbers.numel(); r += 6)
      loop_.curve.push_back({std::llround(r[0]), static_cast<int>(r[1]), r[2], r[3], r[4], r[5]});
    const std::string by = content.texts.contains("git") ? content.texts.at("git") : git_;
    if (by != git_)
      core::log::warn("{} was written by version {}, and this is {}", files_.checkpoint.string(),
                      by, git_);
    if (fraction() >= 1) git_ = by;  // nothing is left to train
    core::log::info("training resumes after epoch {} ({} steps)", loop_.epoch,
                    trainer_->optimiser.steps);
  }

  template <class Elapsed>
  TrainingReport finish(const Elapsed& elapsed) {
    const RolloutErrors errors = trainer_->validate(best_);
    trainer_->network.impl().trained().copy_(best_);
    trainer_->network.impl().forget_inference_copies();
    TrainingReport report;
    report.model.card = trainer_->card;
    ModelCard& card = report.model.card;
    card.network = trainer_->network.params();
    card.seed = params_.seed;
    card.epochs = loop_.epoch;
    card.steps = trainer_->optimiser.steps;
    card.weight_count = trainer_->network.weight_count();
    card.rollout_windows = errors.windows;
    for (std::size_t c = 0; c < card.fields.size(); ++c)
      card.validation.push_back(
          {card.fields[c].name, errors.one_window[c], errors.rollout[c], errors.persistence[c]});
    card.precisions = trainer_->precision_errors(best_);
    card.reconstruction = trainer_->reconstruction_errors(best_);
    // The account includes what came before the first epoch and after the last.
    report.wall_s = prepared_s_ + elapsed();
    report.curve = loop_.curve;
    report.threads = threads_;
    report.core_s = loop_.core_s;
    report.ranks = comm_.size();
    report.precision = params_.precision;
    report.peak_memory_bytes = comm_.sum(core::peak_memory_bytes());
    report.ended_by_time = params_.max_time_s > 0 && loop_.elapsed_s >= params_.max_time_s;
    report.ended_by_patience = patience_is_out();
    report.samples_per_s = static_cast<double>(loop_.windows_trained) / loop_.elapsed_s;
    card.cost.training_core_s = report.core_s;
    card.git = git_;
    report.model.network = std::make_shared<Network>(std::move(trainer_->network));
    return report;
  }

  TrainingParams params_;
  double prepared_s_;  ///< wall time of what came before the loop
  core::Comm comm_;
  int threads_;
  double cores_;  ///< held while training, on all ranks
  TrainingFiles files_;
  std::unique_ptr<Trainer> trainer_;
  std::string identity_;
  std::string git_;  ///< the version whose training this is
  at::Tensor best_;
  Loop loop_;
  int unroll_ = 1;
  long long batches_in_epoch_ = 0, steps_here_ = 0;
};

}  // namespace

TrainingReport run_training(std::unique_ptr<Trainer> trainer, const TrainingSetup& setup,
                            double prepared_s) {
  return Training(std::move(trainer), setup, prepared_s).run();
}

}  // namespace understudy::surrogates
