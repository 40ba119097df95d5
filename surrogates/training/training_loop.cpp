#include "surrogates/training/training_loop.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <numbers>
#include <span>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "core/params_text.hpp"
#include "core/runtime.hpp"
#include "core/sampling.hpp"
#include "core/timers.hpp"
#include "core/traffic.hpp"
#include "surrogates/training/torch_trainer.hpp"
#include "surrogates/training/torch_training_state.hpp"

namespace understudy::surrogates {

namespace {

// The same number on all ranks that have the same weights; else different with near certainty.
double digest(const at::Tensor& weights) {
  const at::Tensor host = weights.cpu();
  const auto* words = static_cast<const std::uint32_t*>(host.const_data_ptr());
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a over words (Fowler, Noll & Vo)
  for (std::int64_t n = 0; n < host.numel(); ++n) hash = (hash ^ words[n]) * 1099511628211ULL;
  return static_cast<double>(hash >> 12);
}

// What a checkpoint must have been made by. The first line is the checkpoint's own layout.
std::string text_of(TrainingSetup setup, const std::string& identity) {
  return "checkpoint 3\n" + params_text(setup.network) + params_text(setup.training) + identity;
}

class Training {
 public:
  Training(Trainer& trainer, const TrainingSetup& setup, double prepared_s)
      : params_(setup.training),
        prepared_s_(prepared_s),
        comm_(trainer.comm()),
        threads_(at::get_num_threads()),
        cores_(comm_.sum(static_cast<double>(threads_))),
        files_(setup.files),
        trainer_(trainer),
        owner_{text_of(setup, trainer.identity()), setup.provenance.git, comm_,
               renamed_keys(params_)} {
    loop_.best = trainer_.optimiser.averaged().clone();
    loop_.prepared_s = prepared_s_;
    if (!files_.resume || files_.checkpoint.empty()) return;
    bool there = comm_.is_root() && std::filesystem::exists(files_.checkpoint);
    comm_.broadcast(&there, sizeof there);
    if (!there) return;
    const std::string by = read_checkpoint(files_.checkpoint, owner_, loop_, trainer_.optimiser);
    loop_.prepared_s += prepared_s_;
    if (fraction() >= 1) owner_.git = by;  // nothing is left to train
    core::log::info("training resumes after epoch {} ({} steps)", loop_.epoch,
                    trainer_.optimiser.steps);
  }

  TrainingRecord run() {
    core::Progress progress("train", 100, "%");
    const double earlier_s = loop_.elapsed_s, earlier_core_s = loop_.core_s;
    const core::Stopwatch stopwatch;
    // Rank 0's clock: the schedule may depend on it.
    auto elapsed = [&] {
      double here_s = stopwatch.seconds();
      if (comm_.size() > 1) comm_.broadcast(&here_s, sizeof here_s);
      loop_.core_s = earlier_core_s + (prepared_s_ + here_s) * cores_;
      return earlier_s + here_s;
    };
    // What was interrupted between checkpoint and curve, or has lost the curve, has it whole again.
    if (!loop_.curve.empty()) comm_.on_root<core::UserError>([&] { write_curve(); });
    try {
      while (!done()) {
        run_epoch(elapsed, progress);
        comm_.on_root<core::UserError>([&] { write_curve(); });
      }
    } catch (const core::Interrupted& stop) {
      if (loop_.best_score < 0) throw;
      throw TrainingStopped(stop, finish(elapsed));
    }
    loop_.elapsed_s = elapsed();
    return finish(elapsed);
  }

 private:
  bool patience_is_out() const { return params_.patience > 0 && loop_.stale >= params_.patience; }
  // An epoch that was begun is closed, with its validation, also where nothing of it is left to train.
  bool done() const { return loop_.batch == 0 && (fraction() >= 1 || patience_is_out()); }

  // Progress of the schedule: by epochs, or by time where there is a limit.
  double fraction() const {
    if (trainer_.closed_form()) return loop_.epoch > 0 || loop_.batch > 0 ? 1 : 0;
    const double batches = std::max<double>(1, static_cast<double>(loop_.batches_in_epoch));
    const double by_epoch =
        (static_cast<double>(loop_.epoch) + static_cast<double>(loop_.batch) / batches) /
        params_.epochs;
    const double by_time = params_.max_time_s > 0 ? loop_.elapsed_s / params_.max_time_s : 0;
    return std::max(by_epoch, by_time);
  }

  double rate() const {
    const double f = std::min(fraction(), 1.0);
    if (f < params_.warmup_fraction)
      return params_.learning_rate * (f + 1e-3) / (params_.warmup_fraction + 1e-3);
    const double through = (f - params_.warmup_fraction) / (1 - params_.warmup_fraction);
    const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * through));
    return params_.learning_rate *
           (params_.final_lr_fraction + (1 - params_.final_lr_fraction) * cosine);
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
    if (loop_.batch == 0) loop_.unroll = unroll();
    const auto order =
        core::epoch_order(trainer_.sequences(loop_.unroll), params_.seed, loop_.epoch);
    if (order.empty())
      throw core::UserError(core::format(
          "training: the samples have no sequence of training.unroll {}; longer samples or a shorter "
          "unroll would do",
          loop_.unroll));
    const auto size = std::min<std::size_t>(params_.batch, order.size());
    loop_.batches_in_epoch = static_cast<long long>(order.size() / size);
    const auto done_until = static_cast<std::size_t>(loop_.batch) * size,
               all = static_cast<std::size_t>(loop_.batches_in_epoch) * size;
    trainer_.expect(std::span(order).subspan(done_until, all - done_until), size, loop_.unroll);
    while (loop_.batch < loop_.batches_in_epoch && fraction() < 1) {
      const core::Traffic before = core::traffic();
      const core::Stopwatch stopwatch;
      const auto first = order.begin() + static_cast<std::ptrdiff_t>(loop_.batch * size);
      const std::vector<std::int64_t> batch(first, first + static_cast<std::ptrdiff_t>(size));
      loop_.loss_sum += trainer_.step(batch, {loop_.unroll, rate(), std::min(1.0, fraction())});
      loop_.windows_trained += static_cast<long long>(size) * loop_.unroll;
      ++loop_.batch;
      loop_.elapsed_s = elapsed();
      progress.update(100 * std::min(1.0, fraction()),
                      core::format("epoch {}  loss {:.4g}", loop_.epoch + 1,
                                   loop_.loss_sum / static_cast<double>(loop_.batch)));
      ++steps_here_;
      stop_if_asked();
      steps_s_ += stopwatch.seconds();
      sent_ += core::traffic() - before;
    }
    EpochRecord record{.unroll = loop_.unroll, .learning_rate = rate()};
    record.loss = loop_.loss_sum / static_cast<double>(std::max(1LL, loop_.batch));
    record.epoch = ++loop_.epoch;
    loop_.batch = 0;
    loop_.loss_sum = 0;
    // The clock is read after a validation only: no epoch without one becomes the last by it.
    if (fraction() >= 1 || loop_.epoch % params_.validate_every == 0) {
      record.validation = validate();
      loop_.elapsed_s = elapsed();
    }
    record.wall_s = loop_.elapsed_s;
    loop_.curve.push_back(record);
    if (done() || loop_.epoch % params_.checkpoint_every == 0) save();
  }

  double validate() {
    const at::Tensor& weights = trainer_.optimiser.averaged();
    const double mine = digest(weights);
    if (comm_.max(mine) != comm_.min(mine))
      throw core::RunError(core::format(
          "training: the weights of the {} ranks have come apart after {} steps, which happens when "
          "their processors round differently; train on nodes of one kind",
          comm_.size(), trainer_.optimiser.steps));
    const double score = trainer_.error(weights);
    if (loop_.best_score < 0 || score < loop_.best_score) {
      loop_.best_score = score;
      loop_.stale = 0;
      loop_.best.copy_(weights);
    } else if (++loop_.stale == params_.patience) {
      core::log::info("training stops early: no better rollout in the last {} validations",
                      loop_.stale);
    }
    return score;
  }

  void stop_if_asked() {
    int signal = core::stop_signal(comm_);
    if (files_.pause_after_steps > 0 && steps_here_ >= files_.pause_after_steps) signal = SIGTERM;
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
    comm_.on_root<core::UserError>(
        [&] { write_checkpoint(files_.checkpoint, owner_, loop_, trainer_.optimiser); });
  }

  // The account includes what came before the first epoch and after the last.
  template <class Elapsed>
  TrainingRecord finish(const Elapsed& elapsed) {
    trainer_.network.impl().trained().copy_(loop_.best);
    trainer_.network.impl().forget_inference_copies();
    trainer_.finish(loop_.best);
    TrainingRecord record;
    record.wall_s = loop_.prepared_s + elapsed();
    record.core_s = loop_.core_s;
    record.curve = loop_.curve;
    record.epochs = loop_.epoch;
    record.steps = trainer_.optimiser.steps;
    record.git = owner_.git;
    record.threads = threads_;
    record.ranks = comm_.size();
    record.ranks_per_sample = params_.ranks_per_sample;
    record.precision = params_.precision;
    record.peak_memory_bytes = comm_.sum(core::peak_memory_bytes());
    record.peak_memory_bytes_per_rank = comm_.max(core::peak_memory_bytes());
    record.ended_by_time = params_.max_time_s > 0 && loop_.elapsed_s >= params_.max_time_s;
    record.ended_by_patience = patience_is_out();
    record.steps_here = steps_here_;
    record.steps_s = steps_s_;
    record.sent = sent_;
    record.samples_per_s = static_cast<double>(loop_.windows_trained) / loop_.elapsed_s;
    return record;
  }

  TrainingParams params_;
  double prepared_s_;  ///< wall time of what came before the loop, in this run
  core::Comm comm_;
  int threads_;
  double cores_;  ///< held while training, on all ranks
  TrainingFiles files_;
  Trainer& trainer_;
  TrainingOwner owner_;
  TrainingState loop_;
  long long steps_here_ = 0;
  double steps_s_ = 0;  ///< wall time of these steps
  core::Traffic sent_;  ///< in them, by this rank
};

}  // namespace

TrainingRecord run_training(Trainer& trainer, const TrainingSetup& setup, double prepared_s) {
  return Training(trainer, setup, prepared_s).run();
}

}  // namespace understudy::surrogates
