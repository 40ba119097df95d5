// The verb `train` of simulations: the deck's network, those that gates ask for, and the contenders.
#include <algorithm>

#include "apps/simulation/calibration.hpp"
#include "apps/simulation/coarse_solvers.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/study/model_folder.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/seeds.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::apps::verbs {

namespace {

// Seeds of a model's networks lie so far apart that decks of other seeds do not share them.
constexpr long long seed_step = 7919;

// The network that stands in takes its place as soon as it is there: what others and what calibration the
// folder has are an earlier model's.
void write_first(const SimulationJob& job, surrogates::FieldModel& model) {
  job.comm.on_root<core::UserError>([&] {
    std::error_code ignored;
    for (int n = member_count(job.model()); n > 1; --n)
      std::filesystem::remove_all(member_folder(job.model(), n), ignored);
    if (member_count(job.model()) > 1)
      throw core::UserError(core::format(
          "{} is a network of an earlier model and cannot be removed; remove it, or give another --out",
          member_folder(job.model(), 2).string()));
    write_model(job.model(), model);
  });
}

// `member` 1 is the network that stands in.
surrogates::TrainingReport learn(const SimulationJob& job, const surrogates::DatasetReader& data,
                                 int member) {
  surrogates::TrainingSetup setup;
  setup.network = job.deck.network;
  setup.training = job.deck.training;
  setup.training.seed = core::shifted_seed(setup.training.seed, job.deck.seed - 1);
  setup.training.seed = core::shifted_seed(setup.training.seed, seed_step * (member - 1));
  const std::string suffix = member == 1 ? "" : core::format("_{}", member);
  setup.files.checkpoint = job.out / core::format("training_checkpoint{}.safetensors", suffix);
  setup.files.curve = job.out / core::format("training{}.csv", suffix);
  setup.files.resume = resumes_from(job, setup.files.checkpoint);
  setup.provenance = job.provenance;
  try {
    return surrogates::train(data, setup, job.comm, coarse_solvers(job));
  } catch (surrogates::TrainingInterrupted& stop) {
    // The best model until then is kept; --resume goes on from the checkpoint.
    if (member == 1) write_first(job, stop.report.model);
    core::log::info(
        "{} in {}; its gates are not calibrated",
        member == 1 ? "the best model until the interruption is" : "the model's first network is",
        job.model().string());
    throw;
  }
}

// The other networks of the model, for the gate disagreement; their cost is the model's, and its card says
// which they are.
void learn_others(const SimulationJob& job, const surrogates::DatasetReader& data,
                  surrogates::TrainingReport& report) {
  for (int member = 2; member <= job.deck.training.members; ++member) {
    core::log::info("network {} of {}", member, job.deck.training.members);
    auto other = learn(job, data, member);
    report.wall_s += other.wall_s;
    report.core_s += other.core_s;
    report.model.card.cost.training_core_s += other.model.card.cost.training_core_s;
    job.comm.on_root<core::UserError>([&] {
      write_model(member_folder(job.model(), member), other.model);
      report.model.card.member_hashes.push_back(other.model.card.weights_hash);
    });
  }
  if (job.deck.training.members > 1)
    job.comm.on_root<core::UserError>([&] { write_card(job.model(), report.model.card); });
}

// Before hours of training, not after them.
void require_members(const SimulationJob& job) {
  const auto& use = job.deck.swap.gate.use;
  if (std::ranges::find(use, "disagreement") != use.end() && job.deck.training.members < 2)
    throw core::UserError(
        "swap.gate.use names disagreement, which compares several networks, and training.members "
        "is 1; give training.members: 3, or another gate");
}

// That a model is bad is not left to its card.
void say_verdict(const surrogates::ModelCard& card) {
  for (const auto& v : card.validation)
    core::log::info(
        "validation of {}: relative L2 error {:.3g} after one window, {:.3g} over {} (a "
        "state that does not change: {:.3g})",
        v.field, v.rel_l2_one_window, v.rel_l2_rollout, card.rollout_windows,
        v.persistence_rollout);
  if (!card.verdict.empty()) core::log::warn("{}", card.verdict);
}

surrogates::TrainingReport train_one(SimulationJob& job, const surrogates::DatasetReader& data,
                                     Summary& summary) {
  auto report = learn(job, data, 1);
  write_first(job, report.model);
  learn_others(job, data, report);
  job.comm.barrier();
  core::log::info("model in {} after {} epochs ({:.0f} s)", job.model().string(),
                  report.model.card.epochs, report.wall_s);
  say_verdict(report.model.card);
  try {
    calibrate_model(job, summary);
  } catch (const core::UserError& error) {
    // The model is made, and serves without gates: what it cost is not thrown away. On several ranks
    // the others may wait for this one: then it ends here, the model written.
    if (job.comm.size() > 1) throw;
    core::log::warn("the model's gates are not calibrated: {}", error.what());
  }
  return report;
}

// What a step of the rank that has most sends, and how long it takes.
void report_steps(Summary& summary, const std::string& prefix,
                  const surrogates::TrainingReport& report, const core::Comm& comm) {
  const auto steps = static_cast<double>(std::max(1LL, report.steps_here));
  const auto per_step = [&](const char* name, long long mine) {
    summary.metric(prefix + "messages." + name + "_per_step",
                   static_cast<double>(comm.max(mine)) / steps);
  };
  summary.metric(prefix + "step_s", report.steps_s / steps);
  per_step("count", report.sent.messages);
  per_step("bytes", report.sent.bytes);
  per_step("collectives", report.sent.collectives);
  per_step("collective_bytes", report.sent.collective_bytes);
}

void report_on(Summary& summary, const std::string& prefix,
               const surrogates::TrainingReport& report, const core::Comm& comm) {
  const auto& card = report.model.card;
  const auto& network = *report.model.network;
  if (report.steps_here > 0) report_steps(summary, prefix, report, comm);
  summary.metric(prefix + "operations_per_window", network.operations(network.shape().cells));
  if (prefix == "training.") summary.timing("training_s", report.wall_s);
  summary.metric(prefix + "core_s", report.core_s);
  summary.metric(prefix + "threads", report.threads);
  summary.metric(prefix + "ranks", report.ranks);
  summary.metric(prefix + "ranks_per_sample", report.ranks_per_sample);
  summary.metric(prefix + "precision", report.precision);
  summary.metric(prefix + "peak_memory_bytes", report.peak_memory_bytes);
  summary.metric(prefix + "peak_memory_bytes_per_rank", report.peak_memory_bytes_per_rank);
  summary.metric(prefix + "samples_held", std::string(report.streamed ? "streamed" : "in memory"));
  summary.metric(prefix + "bytes_read", report.bytes_read);
  summary.metric(prefix + "ended_by_patience", report.ended_by_patience);
  summary.metric(prefix + "epochs", card.epochs);
  summary.metric(prefix + "steps", card.steps);
  summary.metric(prefix + "weights", card.weight_count);
  summary.metric(prefix + "windows_per_s", report.samples_per_s);
  summary.metric(prefix + "ended_by_time", report.ended_by_time);
  for (const auto& v : card.validation) {
    const std::string field = prefix + "validation." + v.field;
    summary.metric(field + ".rel_l2_one_window", v.rel_l2_one_window);
    summary.metric(field + ".rel_l2_rollout", v.rel_l2_rollout);
    summary.metric(field + ".persistence_rollout", v.persistence_rollout);
  }
  summary.metric(prefix + "verdict", card.verdict);
  if (card.reconstruction.empty()) return;
  // Means over the channels, as with the rollout errors.
  double model = 0, pod = 0;
  for (const auto& r : card.reconstruction) {
    const std::string field = prefix + "reconstruction.fields." + r.field;
    summary.metric(field + ".model", r.model);
    summary.metric(field + ".pod", r.pod);
    model += r.model / static_cast<double>(card.reconstruction.size());
    pod += r.pod / static_cast<double>(card.reconstruction.size());
  }
  summary.metric(prefix + "reconstruction.modes", card.reconstruction.front().modes);
  summary.metric(prefix + "reconstruction.model", model);
  summary.metric(prefix + "reconstruction.pod", pod);
}

}  // namespace

void train(SimulationJob& job, Summary& summary) {
  if (!std::filesystem::exists(job.dataset()))
    throw core::UserError(core::format("no dataset in {}; `understudy generate {}` makes one",
                                       job.dataset().string(), job.tree.name));
  const surrogates::DatasetReader data(job.dataset());
  with_precision(job.deck.precision, [&]<class Real>(Real) {
    const auto simulation = make_simulation<Real>(job.deck, job.comm);
    data.require(dataset_info(job, simulation.stepper->fields()));
  });
  require_members(job);
  const surrogates::TrainingSetup setup{job.deck.network, job.deck.training};
  surrogates::require_training_fits(
      surrogates::training_needs(surrogates::training_extent(data, setup), setup, job.comm.size()),
      job.comm);
  const auto contenders = contender_jobs(job);
  require_contender_blocks(job);
  open_output(job);
  report_on(summary, "training.", train_one(job, data, summary), job.comm);
  for (const SimulationJob& contender : contenders) {
    const std::string name = contender.out.filename().string();
    core::log::info("contender {}", name);
    open_output(contender);
    auto report = learn(contender, data, 1);
    job.comm.on_root<core::UserError>([&] { write_model(contender.model(), report.model); });
    job.comm.barrier();
    say_verdict(report.model.card);
    report_on(summary, "training.contenders." + name + ".", report, job.comm);
  }
}

}  // namespace understudy::apps::verbs
