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
  surrogates::TrainingParams training = job.deck.training;
  training.seed += job.deck.seed - 1;
  surrogates::TrainingFiles files;
  files.checkpoint = job.out / "training_checkpoint.pt";
  files.curve = job.out / "training.csv";
  files.resume = job.resume;
  return surrogates::train(data, job.deck.network, training, files, job.provenance, job.comm);
}

}  // namespace

void train(Job& job) {
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

  std::string error;
  try {
    if (job.comm.is_root()) write_model(job.model(), report.model);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  job.comm.throw_together<core::UserError>(error);

  Summary summary(job);
  const auto& card = report.model.card;
  summary.timing("training_s", report.wall_s);
  summary.metric("training.core_s", report.core_s);
  summary.metric("training.threads", report.threads);
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
