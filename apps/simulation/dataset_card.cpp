#include "apps/simulation/dataset_card.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <span>

#include "apps/study/card_text.hpp"
#include "apps/study/croissant.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sha256.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using surrogates::DatasetReader;

fs::path card_path(const SimulationJob& job) { return job.dataset() / "croissant.json"; }

// A sum that the last card has of this file, "" if it may have changed since then.
std::string known_sum(const std::vector<CardFile>& known, const CardFile& file,
                      const fs::path& path, const fs::path& card) {
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  if (error) return "";
  const auto carded = fs::last_write_time(card, error);
  if (error || written >= carded) return "";
  for (const auto& one : known)
    if (one.path == file.path && one.bytes == file.bytes) return one.sha256;
  return "";
}

// Sizes and sums of the files, on every rank; each rank reads some of them.
void measure(const SimulationJob& job, std::vector<CardFile>& files) {
  const fs::path card = card_path(job);
  std::vector<CardFile> known;
  std::error_code none;
  std::string error, mine;
  try {
    if (fs::exists(card, none))
      known = files_of_card(nlohmann::json::parse(core::read_file(card), nullptr, false));
    for (std::size_t n = 0; n < files.size(); ++n) {
      const fs::path path = job.dataset() / files[n].path;
      files[n].bytes = fs::file_size(path, none);
      if (static_cast<int>(n % job.comm.size()) != job.comm.rank()) continue;
      const std::string sum = known_sum(known, files[n], path, card);
      mine += sum.empty() ? core::sha256_of_file(path) : sum;
    }
  } catch (const core::UserError& e) {
    error = e.what();
  }
  job.comm.throw_on_all_ranks<core::UserError>(error);
  const auto all = job.comm.all_gather(std::as_bytes(std::span(mine)));
  constexpr std::size_t digits = 64;
  for (std::size_t n = 0; n < files.size(); ++n) {
    const auto& theirs = all[n % all.size()];
    files[n].sha256.assign(reinterpret_cast<const char*>(theirs.data()) + n / all.size() * digits,
                           digits);
  }
}

std::vector<std::string> axes_of(const mesh::GridParams& grid) {
  if (grid.is_sphere()) return {"panel", "y", "x"};
  std::vector<std::string> axes{"x", "y", "z"};
  axes.resize(grid.dimension());
  return axes;
}

// In the order of a file: dataset.hpp.
std::vector<long long> cells_of(const mesh::GridParams& grid) {
  auto cells = mesh::shape_of(grid);
  if (grid.is_sphere()) std::ranges::reverse(cells);
  return cells;
}

CardArray field_array(const DatasetReader& data, const mesh::FieldInfo& field, int component,
                      long long frames) {
  const bool fixed = field.role == mesh::Role::fixed;
  CardArray array;
  array.name = field.name + (field.components > 1 ? "_" + std::to_string(component) : "");
  array.path = "t0_fields/" + array.name;
  array.unit = field.unit;
  array.shape = {1};
  if (!fixed) array.shape.push_back(frames);
  std::string axes = fixed ? "sample" : "sample, time";
  for (const auto& axis : axes_of(data.info().grid)) axes += ", " + axis;
  for (const auto n : cells_of(data.info().grid)) array.shape.push_back(n);
  array.description = core::format(
      "{}{}, at {}; axes: {}", field.description.empty() ? field.name : field.description,
      fixed ? ", which does not change" : "", mesh::to_string(field.location), axes);
  return array;
}

std::vector<CardArray> arrays_of(const DatasetReader& data) {
  long long frames = data.samples().front().frames;
  for (const auto& sample : data.samples())
    if (sample.frames != frames) frames = -1;
  std::vector<CardArray> arrays;
  for (const auto& field : data.info().fields)
    for (int c = 0; c < field.components; ++c)
      arrays.push_back(field_array(data, field, c, frames));
  arrays.push_back({"time", "dimensions/time", "times of the frames", "s", {frames}});
  const auto axes = axes_of(data.info().grid);
  const auto cells = cells_of(data.info().grid);
  const bool sphere = data.info().grid.is_sphere();
  for (std::size_t n = 0; n < axes.size(); ++n)
    arrays.push_back({axes[n],
                      "dimensions/" + axes[n],
                      axes[n] == "panel" ? "numbers of the panels" : "centres of the cells",
                      axes[n] == "panel" ? ""
                      : sphere           ? "rad"
                                         : "m",
                      {cells[n]}});
  return arrays;
}

std::string describe(const SimulationJob& job, const DatasetReader& data) {
  std::string parts, fields;
  for (const char* split : {"train", "valid", "test"})
    if (const auto count = data.samples_of(split).size(); count > 0)
      parts += core::format("{}{} {}", parts.empty() ? "" : ", ", count, split);
  for (const auto& field : data.info().fields)
    fields += core::format("{}{} [{}]", fields.empty() ? "" : ", ", field.name, field.unit);
  return core::format(
      "Simulations by Understudy ({}): {} samples ({}) on {} cells, a frame every {} s; {}. HDF5 files "
      "in the layout of The Well, a simulation each.",
      job.deck.physics->summary(), data.samples().size(), parts, mesh::shape_text(data.info().grid),
      data.info().window_s, fields);
}

DatasetCard card_of(const SimulationJob& job, const DatasetReader& data) {
  DatasetCard card;
  card.name = job.deck.name;
  card.description = describe(job, data);
  card.publication = job.deck.publication;
  card.provenance = job.provenance;
  card.finished = std::format(
      "{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  card.arrays = arrays_of(data);
  for (const auto& sample : data.samples()) {
    const std::string file = surrogates::sample_path(job.dataset(), sample)
                                 .lexically_relative(job.dataset())
                                 .generic_string();
    card.samples_files.push_back({file, "", 0});
    card.samples.push_back(
        {sample.name, file, sample.split, sample.provenance.deck_hash, sample.parameters});
  }
  return card;
}

}  // namespace

void write_dataset_card(const SimulationJob& job) {
  if (!job.deck.publication.croissant) return remove_dataset_card(job);
  const DatasetReader data(job.dataset());
  DatasetCard card = card_of(job, data);
  std::error_code none;
  const bool statistics = std::filesystem::exists(job.dataset() / "stats.yaml", none);
  std::vector<CardFile> files = card.samples_files;
  if (statistics) files.push_back({"stats.yaml", "", 0});
  measure(job, files);
  if (statistics) {
    card.other_files = {files.back()};
    files.pop_back();
  }
  card.samples_files = std::move(files);
  job.comm.on_root<core::UserError>(
      [&] { core::write_file(card_path(job), file_text(croissant(card))); });
}

void remove_dataset_card(const SimulationJob& job) {
  std::error_code none;
  if (job.comm.is_root()) fs::remove(card_path(job), none);
}

}  // namespace understudy::apps
