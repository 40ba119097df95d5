#include "apps/fields/fields.hpp"

#include <filesystem>

#include "apps/fields/recorded.hpp"
#include "apps/study/model_folder.hpp"
#include "apps/study/training_summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/network_kinds.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

void FieldsParams::describe(core::ParamVisitor& v) {
  v.text("dataset", dataset,
         "folder with train/, valid/ and test/ (or data/train/...) of files in the layout of The "
         "Well, from the deck's folder on (empty: <out>/dataset)");
  v.text("model", model, "model folder, from the deck's folder on (empty: <out>/model)");
  v.integer("stride", stride, {.at_least = 1, .at_most = 1000000},
            "frames of the data from one window's end to the next; those between are left out");
}

void RolloutParams::describe(core::ParamVisitor& v) {
  v.choice("split", split, {"test", "valid", "train"}, "whose trajectories");
  v.integer("trajectories", trajectories, {.at_least = 0}, "the first so many; 0: all");
  v.integer("first_frame", first_frame, {.at_least = 0},
            "the frame that predictions start from, counted in windows");
  v.integer("windows", windows, {.at_least = 0}, "windows predicted; 0: as many as the data have");
  v.texts("pictures", pictures,
          "channels drawn in the report (of vectors velocity_x...); empty: the first three");
  v.integer("picture_count", picture_count, {.at_least = 0, .at_most = 100},
            "times that are drawn, evenly spaced, the last one the end; 0: no pictures");
  v.integer(
      "vtk_every", vtk_every, {.at_least = 0},
      "windows between the states that data.pvd and prediction.pvd have of the first "
      "trajectory, its start and end included; 0: neither is written, and every state takes as "
      "much disk as its frame");
}

// Recorded fields have no equations that would restore anything.
FieldsStudy::FieldsStudy() { network_.constrain = false; }

void FieldsStudy::describe(core::ParamVisitor& v) {
  v.choice("app", app_, {"fields"}, "no simulation: fields that another program recorded");
  v.group("fields", fields_, "the data");
  v.group("network", network_, "the network (train)");
  v.require(!network_.constrain, "network.constrain",
            "is true, and recorded fields have no equations to restore; only false is valid");
  v.require(!surrogates::corrects(network_), "network.kind",
            core::format("is {}, which adds to what a solver made, and there is none; any other "
                         "kind is valid",
                         network_.kind));
  v.group("training", training_, "how it is trained (train)");
  v.require(training_.members == 1, "training.members",
            core::format("is {}; several networks are for gates, and there is no simulation that "
                         "could take over; only 1 is valid",
                         training_.members));
  v.group("compare", rollout_, "predictions against the data (compare)");
  v.group("publication", publication_, "what is said of the results when they are passed on");
}

std::vector<Verb> FieldsStudy::verbs() {
  const auto of = [this](void (FieldsStudy::*act)(const Job&, Summary&) const) {
    return [this, act](Job& job, Summary& summary) { (this->*act)(job, summary); };
  };
  return {{"train", "dataset to model folder", of(&FieldsStudy::train)},
          {"compare", "predictions against the data: report.html", of(&FieldsStudy::compare)},
          {"study", "train and compare in one go", of(&FieldsStudy::study)}};
}

std::string FieldsStudy::dataset_folder(const Job& job) const {
  return (fields_.dataset.empty() ? job.out / "dataset"
                                  : fs::path(job.tree.directory) / fields_.dataset)
      .string();
}

std::string FieldsStudy::model_folder(const Job& job) const {
  return (fields_.model.empty() ? job.out / "model" : fs::path(job.tree.directory) / fields_.model)
      .string();
}

surrogates::DatasetReader FieldsStudy::open(const Job& job) const {
  const std::string folder = dataset_folder(job);
  if (!fs::is_directory(folder))
    throw core::UserError(core::format(
        "fields.dataset: there is no folder {}; it names the one that has train/, valid/ and test/ "
        "(or data/train/...) with files in the layout of The Well",
        folder));
  auto data = surrogates::DatasetReader(folder);
  if (fields_.stride > 1) data = data.every(fields_.stride);
  if (data.channels(mesh::Role::prognostic) == 0)
    throw core::UserError(core::format("dataset {}: no field that varies in time", folder));
  grid_of(data, job.comm);  // is it a box, and are there cells enough for the ranks?
  return data;
}

void FieldsStudy::require_network_fits(const Job& job,
                                       const surrogates::DatasetReader& data) const {
  const auto& info = data.info();
  surrogates::require_size(network_, info.boundaries, info.grid.cells);
  if (data.samples_of("train").empty())
    throw core::UserError(
        core::format("dataset {}: no sample in the split train", data.directory().string()));
  const surrogates::TrainingSetup setup{network_, training_};
  surrogates::require_training_fits(
      surrogates::training_needs(surrogates::training_extent(data, setup), setup, job.comm.size()),
      job.comm);
}

namespace {

std::string what_is_there(const surrogates::DatasetReader& data) {
  const auto& info = data.info();
  std::string cells;
  for (const long long n : info.grid.cells)
    cells += core::format("{}{}", cells.empty() ? "" : " x ", n);
  return core::format("{}: {} cells, sides {}; {}, {}, {}; frames every {} s; {}", info.name, cells,
                      to_string(info.boundaries), frames_text(data, "train"),
                      frames_text(data, "valid"), frames_text(data, "test"), info.window_s,
                      core::joined(channel_names(info.fields, mesh::Role::prognostic)));
}

}  // namespace

std::vector<std::string> FieldsStudy::check(const Job& job) {
  const auto data = open(job);
  require_network_fits(job, data);
  return {"# " + what_is_there(data)};
}

void FieldsStudy::train(const Job& job, Summary& summary) const {
  const auto data = open(job);
  require_network_fits(job, data);
  core::log::info("{}", what_is_there(data));
  open_output(job);
  surrogates::TrainingSetup setup{network_, training_};
  setup.files.checkpoint = job.out / "training_checkpoint.safetensors";
  setup.files.curve = job.out / "training.csv";
  setup.files.resume = resumes_from(job, setup.files.checkpoint);
  setup.provenance = job.provenance;
  const fs::path model = model_folder(job);
  const auto write = [&](surrogates::TrainingReport& report) {
    job.comm.on_root<core::UserError>([&] { write_model(model, report.model); });
  };
  try {
    auto report = surrogates::train(data, setup, job.comm);
    write(report);
    job.comm.barrier();
    core::log::info("model in {} after {} epochs ({:.0f} s)", model.string(),
                    report.model.card.epochs, report.wall_s);
    say_verdict(report.model.card);
    summarise_training(summary, "training.", report, job.comm);
  } catch (surrogates::TrainingInterrupted& stop) {
    // The best model until then is kept; --resume goes on from the checkpoint.
    write(stop.report);
    core::log::info("the best model until the interruption is in {}", model.string());
    throw;
  }
}

App fields_app() {
  std::vector<CatalogEntry> networks;
  for (const auto& kind : surrogates::network_kinds())
    if (!kind.corrects) networks.push_back({kind.name, kind.help});
  return {
      .name = "fields",
      .summary = "fields over time that another program recorded (The Well): a network learns them",
      .document = "docs/foreign_files.md",
      .make = [] { return std::make_unique<FieldsStudy>(); },
      .parts = {{"Networks (network.kind:)", networks}}};
}

}  // namespace understudy::apps
