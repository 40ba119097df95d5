#include "apps/points/points.hpp"

#include <filesystem>

#include "apps/study/card_file.hpp"
#include "apps/study/summary.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

void summarise(const surrogates::PointTrainingReport& report, Summary& summary) {
  const surrogates::PointCard& card = report.card;
  summary.timing("training_s", report.wall_s);
  summary.metric("training.core_s", report.core_s);
  summary.metric("training.points", card.training_points);
  summary.metric("training.members", card.members);
  summary.metric("training.epochs", card.epochs);
  summary.metric("training.steps", card.steps);
  summary.metric("training.weights", card.weight_count);
  summary.metric("training.points_per_s", report.points_per_s);
  nlohmann::json validation;  // whole: an output's name may have dots
  for (const auto& e : card.validation)
    validation[e.output] = {{"rel_l2", e.rel_l2 < 0 ? nlohmann::json() : nlohmann::json(e.rel_l2)},
                            {"rms", e.rms},
                            {"largest", e.largest},
                            {"error_bound", e.error_bound}};
  summary.metric("training.validation", validation);
  summary.metric("training.verdict", surrogates::point_verdict(card));
  if (card.gate.calibrated)
    summary.metric("training.gate", {{"quantile", card.gate.quantile},
                                     {"distance", card.gate.distance},
                                     {"disagreement", card.gate.disagreement}});
}

}  // namespace

void PointsParams::describe(core::ParamVisitor& v) {
  v.text("dataset", dataset,
         "directory of the points that a SubModel collected, from the deck's folder on (empty: "
         "<out>/dataset)");
  v.text("model", model, "model folder to write, from the deck's folder on (empty: <out>/model)");
}

void PointsStudy::describe(core::ParamVisitor& v) {
  v.choice("app", app_, {"points"}, "no simulation: points that another program collected");
  v.group("points", points_, "the data");
  v.group("network", network_, "the network");
  v.group("training", training_, "how it is trained");
  v.group("gate", gate_, "calibration of the gate");
  v.group("publication", publication_, "what is said of the results when they are passed on");
}

std::vector<Verb> PointsStudy::verbs() {
  return {{"train", "dataset to model folder",
           [this](Job& job, Summary& summary) { train(job, summary); }}};
}

std::vector<std::string> PointsStudy::check(const Job&) {
  surrogates::require_network_fits(network_, training_.batch);
  return {};
}

void PointsStudy::train(const Job& job, Summary& summary) const {
  const std::filesystem::path from = job.tree.directory;
  const auto dataset = points_.dataset.empty() ? job.out / "dataset" : from / points_.dataset;
  const auto model = points_.model.empty() ? job.out / "model" : from / points_.model;
  surrogates::PointDataset data;
  job.comm.on_root<core::UserError>([&] {
    data = surrogates::read_points(dataset);
    core::log::info("{} points of {} in {} files: {} -> {}", data.points, data.info.name,
                    data.files, surrogates::to_string(data.info.inputs),
                    surrogates::to_string(data.info.outputs));
  });
  open_output(job);
  surrogates::PointTrainingSetup setup;
  setup.network = network_;
  setup.training = training_;
  setup.gate = gate_;
  setup.model = model;
  setup.out = job.out;
  setup.resume =
      resumes_from(job, job.out / "training_checkpoint_1.safetensors");  // of the first network
  setup.provenance = job.provenance;
  auto report = surrogates::train_points(data, setup, job.comm);
  job.comm.on_root<core::UserError>([&] {
    write_card_file(model / "card.yaml", report.card);
    for (const auto& e : report.card.validation)
      if (e.rel_l2 < 0)
        core::log::info(
            "{}: zero at the held-out points; its root mean square error there is {:.3g}", e.output,
            e.rms);
      else
        core::log::info("{}: relative L2 error {:.3g} on held-out points", e.output, e.rel_l2);
    core::log::info("model in {} ({:.0f} s)", model.string(), report.wall_s);
    if (const auto verdict = surrogates::point_verdict(report.card); !verdict.empty())
      core::log::warn("{}", verdict);
  });
  summarise(report, summary);
}

App points_app() {
  return {.name = "points",
          .summary = "points that a SubModel collected in another program: a network learns them",
          .document = "docs/library.md",
          .make = [] { return std::make_unique<PointsStudy>(); },
          .parts = {{"Networks (network.kind:)",
                     {{"mlp", "multilayer perceptron on batches of points (app: points)"}}}},
          .reference_heading =
              "# Decks of points\n\nWith `app: points` a deck trains a model of points "
              "(docs/library.md) and has these keys alone.\n\n"};
}

}  // namespace understudy::apps
