#include "apps/simulation/dataset_card.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <span>

#include "apps/study/card_text.hpp"
#include "apps/study/croissant.hpp"
#include "apps/study/run_crate.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "core/runtime.hpp"
#include "core/sha256.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using surrogates::DatasetReader;

fs::path card_path(const SimulationJob& job) { return job.dataset() / "croissant.json"; }

constexpr std::size_t digits = 64;                ///< of a sum
constexpr std::uintmax_t much_to_read = 1 << 30;  ///< bytes; it takes seconds, and that is said

// The sums of files, which each rank reads some of, in their order; on rank 0. Collective.
std::vector<std::string> sums_of(const std::vector<fs::path>& files, const core::Comm& comm) {
  const auto ranks = static_cast<std::size_t>(comm.size()),
             own = static_cast<std::size_t>(comm.rank());
  std::string error, mine;
  for (std::size_t first = 0; first < files.size(); first += ranks) {
    try {
      if (error.empty() && first + own < files.size())
        mine += core::sha256_of_file(files[first + own]);
    } catch (const core::UserError& e) {
      error = e.what();
    }
    if (const int signal = core::stop_signal(comm))
      throw core::Interrupted(
          core::format(
              "stopped by signal {}: all members are there; --resume writes croissant.json",
              signal),
          signal);
  }
  comm.throw_on_all_ranks<core::UserError>(error);
  const auto all = comm.gather(std::as_bytes(std::span(mine)));
  std::vector<std::string> sums;
  for (std::size_t n = 0; n < files.size() && comm.is_root(); ++n) {
    const auto& theirs = all[n % ranks];
    sums.emplace_back(reinterpret_cast<const char*>(theirs.data()) + n / ranks * digits, digits);
  }
  return sums;
}

// Rank 0's, on every rank: another one may not see all files yet. Zero bytes cannot stand in paths. Collective.
std::vector<fs::path> of_root(const std::vector<fs::path>& paths, const core::Comm& comm) {
  std::string text;
  for (const auto& path : paths) text += path.string() + '\0';
  text = comm.broadcast(text);
  std::vector<fs::path> all;
  for (std::size_t at = 0; at < text.size(); at = text.find('\0', at) + 1)
    all.emplace_back(text.substr(at, text.find('\0', at) - at));
  return all;
}

FileStamp stamp_of(const fs::path& path) {
  std::error_code error;
  FileStamp stamp;
  stamp.bytes = fs::file_size(path, error);
  if (!error) stamp.written = fs::last_write_time(path, error);
  return error ? FileStamp{} : stamp;
}

// Sizes and known sums. Returns the files whose sums are to be found. Rank 0 only.
std::vector<CardFile*> take_known(const fs::path& folder, const DatasetSums& known,
                                  DatasetCard& card) {
  std::vector<CardFile*> others;
  for (auto* files : {&card.samples_files, &card.other_files})
    for (CardFile& file : *files) {
      const FileStamp stamp = stamp_of(folder / file.path);
      file.bytes = stamp.bytes;
      const auto found = known.find(file.path);
      if (found != known.end() && found->second.stamp == stamp)
        file.sha256 = found->second.sha256;
      else
        others.push_back(&file);
    }
  return others;
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

// The axis whose last faces lie in an array of their own; -1: there is none.
int closing_axis(const surrogates::DatasetInfo& info, const mesh::FieldInfo& field) {
  if (field.role == mesh::Role::fixed) return -1;
  for (int axis = 0; axis < info.grid.dimension(); ++axis)
    if (mesh::staggered(field.location, axis) &&
        info.boundaries.at(2 * static_cast<std::size_t>(axis)) != surrogates::SideKind::periodic)
      return axis;
  return -1;
}

// Of what field_array() has. A staggered field's axes are those of a box, in order.
CardArray closing_array(CardArray array, int axis) {
  array.path = "closing_faces/" + array.path.substr(array.path.find('/') + 1);
  array.name = "closing_faces_" + array.name;
  array.shape[2 + static_cast<std::size_t>(axis)] = 1;
  array.description = core::format("at the upper end of {}: {}", "xyz"[axis], array.description);
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
  for (const auto& field : data.info().fields)
    for (int c = 0; c < field.components; ++c)
      if (const int axis = closing_axis(data.info(), field); axis >= 0)
        arrays.push_back(closing_array(field_array(data, field, c, frames), axis));
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
  if (data.has_measures(0))
    arrays.push_back({"cell_measures", "cell_measures/cells", "what each cell measures",
                      data.info().grid.dimension() == 3 ? "m3" : "m2", cells});
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
  std::error_code none;
  if (fs::exists(job.dataset() / "stats.yaml", none)) card.other_files = {{"stats.yaml", "", 0}};
  return card;
}

// Rank 0 alone knows what is to be in the card. Collective; UserError on every rank.
void write_card(const SimulationJob& job, const DatasetSums& known) {
  DatasetCard card;
  std::vector<CardFile*> unknown;
  std::vector<fs::path> paths;
  job.comm.on_root<core::UserError>([&] {
    card = card_of(job, DatasetReader(job.dataset()));
    unknown = take_known(job.dataset(), known, card);
    std::uintmax_t bytes = 0;
    for (const CardFile* file : unknown) {
      paths.push_back(job.dataset() / file->path);
      bytes += file->bytes;
    }
    if (bytes > much_to_read)
      core::log::info(
          "reading {} of samples for their SHA-256 (publication.croissant: false leaves that out)",
          core::bytes_text(static_cast<double>(bytes)));
  });
  const auto sums = sums_of(of_root(paths, job.comm), job.comm);
  job.comm.on_root<core::UserError>([&] {
    for (std::size_t n = 0; n < unknown.size(); ++n) unknown[n]->sha256 = sums[n];
    const auto made = nlohmann::json::parse(file_text(croissant(card)));
    // Where files were read the card is made anew: theirs are known from its time on.
    if (unknown.empty() && says_the_same(made, json_of_file(card_path(job)))) return;
    core::write_file(card_path(job), file_text(made));
  });
}

}  // namespace

DatasetSums known_sums(const SimulationJob& job) {
  DatasetSums known;
  if (!job.comm.is_root()) return known;
  const FileStamp card = stamp_of(card_path(job));
  for (const auto& file : files_of_card(json_of_file(card_path(job)))) {
    const FileStamp stamp = stamp_of(job.dataset() / file.path);
    if (stamp.bytes == file.bytes && stamp.written < card.written)
      known[file.path] = {stamp, file.sha256};
  }
  return known;
}

bool says_the_same(nlohmann::json one, nlohmann::json other) {
  for (auto* card : {&one, &other}) {
    if (!card->is_object()) return false;
    card->erase("dateCreated");
    const auto origin = card->find("prov:wasGeneratedBy");
    if (origin == card->end() || !origin->is_object()) continue;
    origin->erase("prov:startedAtTime");
    origin->erase("prov:endedAtTime");
  }
  return one == other;
}

void write_dataset_card(const SimulationJob& job, const DatasetSums& known, bool simulated) {
  if (!job.deck.publication.croissant) return remove_dataset_card(job);
  try {
    write_card(job, known);
  } catch (const core::UserError& error) {
    if (simulated) throw;
    if (job.comm.is_root()) core::log::warn("no new {}: {}", card_path(job).string(), error.what());
  }
}

void remove_dataset_card(const SimulationJob& job) {
  std::error_code none;
  if (job.comm.is_root()) fs::remove(card_path(job), none);
}

}  // namespace understudy::apps
