// The verbs compare and study of recorded fields.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "apps/fields/fields.hpp"
#include "apps/fields/fields_report.hpp"
#include "apps/fields/recorded.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/study/model_folder.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/io/picture.hpp"
#include "mesh/io/vtk_writer.hpp"

namespace understudy::apps {

namespace {

// Which trajectories, and over how many windows. UserError naming the key that asks for too much.
struct Rollouts {
  std::vector<int> samples;
  long long windows = 0;
};

Rollouts rollouts_of(const RolloutParams& params, const surrogates::DatasetReader& data) {
  Rollouts all{data.samples_of(params.split)};
  if (all.samples.empty())
    throw core::UserError(
        core::format("dataset {}: no trajectory in compare.split {}; there are {}, {}, {}",
                     data.directory().string(), params.split, frames_text(data, "train"),
                     frames_text(data, "valid"), frames_text(data, "test")));
  const auto most = static_cast<long long>(all.samples.size());
  if (params.trajectories > most)
    throw core::UserError(
        core::format("compare.trajectories: {} are asked for; the split {} has {}",
                     params.trajectories, params.split, most));
  if (params.trajectories > 0) all.samples.resize(static_cast<std::size_t>(params.trajectories));
  const auto frames_of = [&](int n) { return data.samples()[static_cast<std::size_t>(n)].frames; };
  const int shortest = *std::ranges::min_element(all.samples, {}, frames_of);
  const long long there = frames_of(shortest) - 1 - params.first_frame;
  if (there < std::max(1LL, params.windows))
    throw core::UserError(
        core::format("compare: {} windows from frame {} are asked for; {} has {} frames{}",
                     std::max(1LL, params.windows), params.first_frame,
                     data.samples()[static_cast<std::size_t>(shortest)].name, frames_of(shortest),
                     there < 1 ? "" : core::format(": compare.windows {} or less", there)));
  all.windows = params.windows > 0 ? params.windows : there;
  return all;
}

// Whole: a field that another program calls `mask` is none of this program's bodies.
std::vector<mesh::Slice> slices_of(const mesh::Grid& grid, const mesh::CellField<float>& field) {
  std::vector<mesh::Slice> slices;
  for (const int normal : mesh::picture_normals(grid))
    slices.push_back(mesh::gather_picture(grid, field.data, normal));
  return slices;
}

// What the first trajectory leaves beside its errors: series for ParaView and pictures.
class Shown {
 public:
  Shown(const Job& job, const RolloutParams& params, std::vector<std::string> names,
        long long windows)
      : params_(params),
        names_(std::move(names)),
        windows_(windows),
        data_(job.out, "data"),
        prediction_(job.out, "prediction") {}

  void operator()(long long window, const mesh::State<float>& data,
                  const mesh::State<float>& prediction) {
    if (window == 0) start_s_ = data.time_s;
    const auto of_data = shown_fields(data), of_prediction = shown_fields(prediction);
    const bool written =
        params_.vtk_every > 0 && (window % params_.vtk_every == 0 || window == windows_);
    if (written) data_.write(data.time_s, data.grid(), of_data);
    if (written) prediction_.write(data.time_s, data.grid(), of_prediction);
    if (!is_drawn(window)) return;
    for (std::size_t n = 0; n < of_data.size(); ++n)
      if (std::ranges::find(names_, of_data[n].name) != names_.end())
        pictures.push_back({data.time_s - start_s_, of_data[n].name, of_data[n].unit,
                            slices_of(data.grid(), of_data[n]),
                            slices_of(data.grid(), of_prediction[n])});
  }

  std::vector<RolloutPicture> pictures;

 private:
  bool is_drawn(long long window) const {
    for (long long n = 1; n <= params_.picture_count; ++n)
      if (window > 0 && window == n * windows_ / params_.picture_count) return true;
    return false;
  }

  const RolloutParams& params_;
  std::vector<std::string> names_;
  long long windows_;
  double start_s_ = 0;
  mesh::VtkSeries data_, prediction_;
};

std::vector<std::string> drawn_names(const RolloutParams& params,
                                     const surrogates::DatasetReader& data) {
  auto known = channel_names(data.info().fields, mesh::Role::prognostic);
  require_names_among(known, params.pictures, "compare.pictures");
  if (!params.pictures.empty()) return params.pictures;
  if (known.size() > 3) known.resize(3);
  return known;
}

std::vector<std::string> warnings_of(const surrogates::FieldModel& model,
                                     const surrogates::DatasetReader& data,
                                     const std::string& split) {
  std::vector<std::string> warnings;
  if (const auto verdict = surrogates::model_verdict(model.card); !verdict.empty())
    warnings.push_back(verdict);
  if (model.card.dataset_hash != data.hash())
    warnings.emplace_back("the model was trained on another dataset");
  if (split != "test")
    warnings.push_back(core::format(
        "the trajectories are of the split {}: {}", split,
        split == "train" ? "the network was trained on them" : "the weights were chosen by them"));
  return warnings;
}

}  // namespace

void FieldsStudy::compare(const Job& job, Summary& summary) const {
  const auto data = open(job).keeping_open();
  const Rollouts rollouts = rollouts_of(rollout_, data);
  const auto drawn = drawn_names(rollout_, data);
  if (!std::filesystem::exists(std::filesystem::path(model_folder(job)) / "card.yaml"))
    throw core::UserError(core::format(
        "no model in {} (card.yaml is missing); `understudy train {}` makes one, fields.model names another folder",
        model_folder(job), job.tree.name));
  const surrogates::FieldModel model = read_model(model_folder(job));
  require_no_correction(model.card, model_folder(job));
  require_same_model(model_folder(job), model.card, job.comm);
  const auto& info = data.info();
  const RolloutSetup setup{data, model, grid_of(data, job.comm), rollout_.first_frame,
                           rollouts.windows};
  make_network(setup, rollouts.samples.front());  // does it fit?
  auto mean = mean_of_training(data, mesh::State<float>(setup.grid, info.fields));
  open_output(job);
  RolloutResult result{
      .data = data, .card = model.card, .split = rollout_.split, .windows = rollouts.windows};
  result.mean_field = mean.text();
  result.warnings = warnings_of(model, data, rollout_.split);
  for (const auto& warning : result.warnings) core::log::warn("{}", warning);
  Shown shown(job, rollout_, drawn, rollouts.windows);
  for (const int sample : rollouts.samples) {
    const bool first = result.trajectories.empty();
    result.trajectories.push_back(
        roll_out(setup, sample, mean, first ? RolloutObserver(std::ref(shown)) : nullptr));
    core::log::info("{}: {} windows", result.trajectories.back().sample,
                    result.trajectories.back().finite_windows);
  }
  result.mean = mean_over(result.trajectories);
  result.pictures = std::move(shown.pictures);
  for (const auto& channel : result.mean)
    core::log::info(
        "{}: VRMSE {:.3g} in the mean over windows (persistence {:.3g}, mean field {:.3g})",
        channel.name, mean_of(channel.prediction.vrmse), mean_of(channel.persistence.vrmse),
        mean_of(channel.mean_field.vrmse));
  summarise(result, summary);
  job.comm.on_root<core::UserError>([&] {
    write_csv(job, result);
    write_report(job, result);
  });
}

void FieldsStudy::study(const Job& job, Summary& summary) const {
  // What only the comparison would find, before the training works for hours.
  const auto data = open(job);
  rollouts_of(rollout_, data);
  drawn_names(rollout_, data);
  train(job, summary);
  summary.write();
  compare(job, summary);
}

}  // namespace understudy::apps
