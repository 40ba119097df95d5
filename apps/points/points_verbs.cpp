#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_writer.hpp"
#include "apps/points/points_deck.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"

namespace understudy::apps::verbs {

namespace {

namespace fs = std::filesystem;

struct PointsJob {
  JobOptions options;
  PointsDeck deck;
  fs::path out, dataset, model;
  core::Provenance provenance;
};

PointsJob make_points_job(const JobOptions& options) {
  PointsJob job;
  job.options = options;
  DeckTree tree = DeckTree::read(options.deck);
  for (const auto& setting : options.settings) tree.set(setting);
  read_deck(tree, job.deck);
  job.out =
      options.out.empty() ? fs::path("out") / fs::path(tree.name).stem() : fs::path(options.out);
  const auto& points = job.deck.points;
  const fs::path from = tree.directory;
  job.dataset = points.dataset.empty() ? job.out / "dataset" : from / points.dataset;
  job.model = points.model.empty() ? job.out / "model" : from / points.model;
  core::Provenance provenance = core::describe_build_and_host(options.command);
  provenance.deck = write_deck(job.deck);
  provenance.deck_hash = core::sha256(provenance.deck).substr(0, 16);
  provenance.seed = job.deck.training.seed;
  job.provenance = core::of_root(provenance, core::Comm::world());
  return job;
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    throw core::UserError(
        core::format("cannot make the output folder {}: {}", folder.string(), code.message()));
}

void write_summary(const PointsJob& job, const surrogates::PointTrainingReport& report,
                   double total_s) {
  nlohmann::json root;
  root["verb"] = "train";
  root["app"] = "points";
  root["version"] = job.provenance.version;
  root["git"] = job.provenance.git;
  root["provenance"] = job.provenance.as_map();
  root["timing"] = {{"total_s", total_s}, {"training_s", report.wall_s}};
  auto& training = root["metrics"]["training"];
  const surrogates::PointCard& card = report.card;
  training["core_s"] = report.core_s;
  training["points"] = card.training_points;
  training["members"] = card.members;
  training["epochs"] = card.epochs;
  training["steps"] = card.steps;
  training["weights"] = card.weight_count;
  training["points_per_s"] = report.points_per_s;
  for (const auto& e : card.validation)
    training["validation"][e.output] = {{"rel_l2", e.rel_l2},
                                        {"rms", e.rms},
                                        {"largest", e.largest},
                                        {"error_bound", e.error_bound}};
  if (card.gate.calibrated)
    training["gate"] = {{"quantile", card.gate.quantile},
                        {"distance", card.gate.distance},
                        {"disagreement", card.gate.disagreement}};
  core::write_file(job.out / "summary.json", root.dump(2) + "\n");
}

void train_points_deck(PointsJob& job) {
  const core::Comm comm = core::Comm::world();
  const core::Stopwatch clock;
  surrogates::PointDataset data;
  comm.on_root<core::UserError>([&] {
    data = surrogates::read_points(job.dataset);
    core::log::info("{} points of {} in {} files: {} -> {}", data.points, data.info.name,
                    data.files, surrogates::to_string(data.info.inputs),
                    surrogates::to_string(data.info.outputs));
    make_folder(job.out);
  });
  surrogates::PointTrainingSetup setup;
  setup.network = job.deck.network;
  setup.training = job.deck.training;
  setup.gate = job.deck.gate;
  setup.model = job.model;
  setup.out = job.out;
  setup.resume = job.options.resume;
  setup.provenance = job.provenance;
  auto report = surrogates::train_points(data, setup, comm);
  comm.on_root<core::UserError>([&] {
    core::write_file(job.model / "card.yaml", write_deck(report.card, true));
    write_summary(job, report, clock.seconds());
    for (const auto& e : report.card.validation)
      core::log::info("{}: relative L2 error {:.3g} on held-out points", e.output, e.rel_l2);
    core::log::info("model in {} ({:.0f} s)", job.model.string(), report.wall_s);
  });
}

}  // namespace

void points(const JobOptions& options) {
  PointsJob job = make_points_job(options);
  if (options.verb == "train") return train_points_deck(job);
  if (options.verb != "check")
    throw core::UserError(core::format(
        "{}: a deck with app: points has no simulation; `{}` does not take it, train and check do",
        options.deck, options.verb));
  if (!core::Comm::world().is_root()) return;
  const std::string text =
      core::format("# {}: valid; every key with its value (hash {})\n{}", options.deck,
                   job.provenance.deck_hash, write_deck(job.deck, true));
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::verbs
