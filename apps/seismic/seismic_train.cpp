// The verb train: the learned inversion and the learned forward operator.
#include <algorithm>

#include "apps/seismic/seismic_learned.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/seeds.hpp"
#include "surrogates/arrays/array_map_training.hpp"

namespace understudy::apps::seismic {

namespace {

// One of the two learned maps, from data of its direction.
void learn(const SeismicJob& job, surrogates::PairDataset data, bool forward, Summary& summary) {
  surrogates::ArrayMapTrainingSetup setup;
  setup.network = forward ? job.deck.forward.network : job.deck.network;
  setup.training = forward ? job.deck.forward.training : job.deck.training;
  setup.training.seed = core::shifted_seed(setup.training.seed, job.deck.seed - 1);
  const std::string name = forward ? "forward" : "inversion";
  setup.files.checkpoint = job.out / core::format("training_checkpoint_{}.safetensors", name);
  setup.files.curve = job.out / core::format("training_{}.csv", name);
  setup.files.resume = resumes_from(job, setup.files.checkpoint);
  setup.provenance = job.provenance;
  auto report = surrogates::train_operator(std::move(data), setup, job.comm);
  const auto folder = learned_folder(job, forward);
  job.comm.on_root<core::UserError>([&] { write_operator(folder, report.model); });
  job.comm.barrier();
  const auto& card = report.model.card();
  const std::string prefix = "training." + name + ".";
  summary.timing("training_" + name + "_s", report.wall_s);
  summary.metric(prefix + "core_s", report.core_s);
  summary.metric(prefix + "threads", report.threads);
  summary.metric(prefix + "ranks", report.ranks);
  summary.metric(prefix + "precision", report.precision);
  summary.metric(prefix + "epochs", card.epochs);
  summary.metric(prefix + "steps", card.steps);
  summary.metric(prefix + "weights", card.weight_count);
  summary.metric(prefix + "samples", card.training_samples);
  summary.metric(prefix + "samples_per_s", report.samples_per_s);
  summary.metric(prefix + "peak_memory_bytes", report.peak_memory_bytes);
  summary.metric(prefix + "error." + card.errors.split + ".mae", card.errors.mae);
  summary.metric(prefix + "error." + card.errors.split + ".rel_l2", card.errors.rel_l2);
  if (card.errors.ssim >= 0)
    summary.metric(prefix + "error." + card.errors.split + ".ssim", card.errors.ssim);
  core::log::info("{} in {}: on {} {} samples MAE {:.4g}, relative L2 {:.4g}{} ({:.0f} s)",
                  forward ? "learned forward operator" : "learned inversion", folder.string(),
                  card.errors.samples, card.errors.split, card.errors.mae, card.errors.rel_l2,
                  card.errors.ssim >= 0 ? core::format(", SSIM {:.4f}", card.errors.ssim) : "",
                  report.wall_s);
  if (card.errors.mean_rel_l2 >= 0)
    core::log::info("the mean of the training outputs has a relative L2 error of {:.4g} there",
                    card.errors.mean_rel_l2);
  summary.metric(prefix + "verdict", card.verdict);
  if (!card.verdict.empty()) core::log::warn("{}", card.verdict);
}

bool wants(const SeismicJob& job, const std::string& way) {
  const auto& ways = job.deck.compare.ways;
  return std::find(ways.begin(), ways.end(), way) != ways.end();
}

}  // namespace

void train(SeismicJob& job, Summary& summary) {
  auto data = learned_data(job);
  open_output(job);
  if (wants(job, "learned_forward")) {
    learn(job, data, false, summary);
    return learn(job, surrogates::swapped(std::move(data)), true, summary);
  }
  learn(job, std::move(data), false, summary);
}

}  // namespace understudy::apps::seismic
