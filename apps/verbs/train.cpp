#include <format>

#include "apps/contenders.hpp"
#include "apps/ensemble.hpp"
#include "apps/model_folder.hpp"
#include "apps/summary.hpp"
#include "apps/verbs/verbs.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "surrogates/training.hpp"

namespace understudy::apps::verbs {

namespace {

surrogates::TrainingReport learn(const Job& job, const surrogates::DatasetReader& data) {
  surrogates::TrainingSetup setup;
  setup.network = job.deck.network;
  setup.training = job.deck.training;
  setup.training.seed += job.deck.seed - 1;
  setup.files.checkpoint = job.out / "training_checkpoint.pt";
  setup.files.curve = job.out / "training.csv";
  setup.files.resume = job.resume;
  setup.provenance = job.provenance;
  return surrogates::train(data, setup, job.comm);
}

surrogates::TrainingReport train_one(const Job& job, const surrogates::DatasetReader& data) {
  auto report = learn(job, data);
  job.comm.on_root<core::UserError>([&] { write_model(job.model(), report.model); });
  core::log::info("model in {} after {} epochs ({:.0f} s)", job.model().string(),
                  report.model.card.epochs, report.wall_s);
  return report;
}

void report_on(Summary& summary, const std::string& prefix,
               const surrogates::TrainingReport& report) {
  const auto& card = report.model.card;
  if (prefix == "training.") summary.timing("training_s", report.wall_s);
  summary.metric(prefix + "core_s", report.core_s);
  summary.metric(prefix + "threads", report.threads);
  summary.metric(prefix + "ranks", report.ranks);
  summary.metric(prefix + "precision", report.precision);
  summary.metric(prefix + "peak_memory_bytes", report.peak_memory_bytes);
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
}

}  // namespace

void train(Job& job, Summary& summary) {
  if (!std::filesystem::exists(job.dataset()))
    throw core::UserError(std::format("no dataset in {}; `understudy generate {}` makes one",
                                      job.dataset().string(), job.tree.name));
  const surrogates::DatasetReader data(job.dataset());
  with_precision(job.deck.precision, [&]<class Real>(Real) {
    const auto simulation = make_simulation<Real>(job.deck, job.comm);
    data.require(dataset_info(job, simulation.stepper->fields()));
  });
  open_output(job);
  report_on(summary, "training.", train_one(job, data));
  for (const Job& contender : contender_jobs(job)) {
    core::log::info("contender {}", contender.out.filename().string());
    open_output(contender);
    report_on(summary, "training.contenders." + contender.out.filename().string() + ".",
              train_one(contender, data));
  }
  summary.write();
}

}  // namespace understudy::apps::verbs
