// The verb `train` of simulations: the deck's network, those that gates ask for, and the contenders.
#include <algorithm>

#include "apps/simulation/calibration.hpp"
#include "apps/simulation/coarse_solvers.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/study/model_folder.hpp"
#include "apps/study/summary.hpp"
#include "apps/study/training_summary.hpp"
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
  summarise_training(summary, "training.", train_one(job, data, summary), job.comm);
  for (const SimulationJob& contender : contenders) {
    const std::string name = contender.out.filename().string();
    core::log::info("contender {}", name);
    open_output(contender);
    auto report = learn(contender, data, 1);
    job.comm.on_root<core::UserError>([&] { write_model(contender.model(), report.model); });
    job.comm.barrier();
    say_verdict(report.model.card);
    summarise_training(summary, "training.contenders." + name + ".", report, job.comm);
  }
}

}  // namespace understudy::apps::verbs
