#include <format>

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
  auto report = learn(job, data);

  job.comm.on_root<core::UserError>([&] { write_model(job.model(), report.model); });

  const auto& card = report.model.card;
  summary.timing("training_s", report.wall_s);
  summary.metric("training.core_s", report.core_s);
  summary.metric("training.threads", report.threads);
  summary.metric("training.ranks", report.ranks);
  summary.metric("training.precision", report.precision);
  summary.metric("training.peak_memory_bytes", report.peak_memory_bytes);
  summary.metric("training.ended_by_patience", report.ended_by_patience);
  summary.metric("training.epochs", card.epochs);
  summary.metric("training.steps", card.steps);
  summary.metric("training.weights", card.weight_count);
  summary.metric("training.windows_per_s", report.samples_per_s);
  summary.metric("training.ended_by_time", report.ended_by_time);
  for (const auto& v : card.validation) {
    summary.metric("training.validation." + v.field + ".rel_l2_one_window", v.rel_l2_one_window);
    summary.metric("training.validation." + v.field + ".rel_l2_rollout", v.rel_l2_rollout);
    summary.metric("training.validation." + v.field + ".persistence_rollout",
                   v.persistence_rollout);
  }
  summary.write();
  core::log::info("model in {} after {} epochs ({:.0f} s)", job.model().string(), card.epochs,
                  report.wall_s);
}

}  // namespace understudy::apps::verbs
