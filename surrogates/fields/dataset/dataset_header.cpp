// What a dataset's files say of themselves: fields, grid, sides, parameters, provenance.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/fields/dataset/dataset_entries.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

namespace {

namespace fs = std::filesystem;
using layout::attribute_or;
using layout::EntryPart;
using layout::FieldEntry;
using layout::trajectories_in;
using mesh::Hdf5File;

mesh::Location location_from(const std::string& name, const fs::path& path) {
  for (const auto location : {mesh::Location::cell, mesh::Location::face_x, mesh::Location::face_y,
                              mesh::Location::face_z})
    if (mesh::to_string(location) == name) return location;
  throw core::UserError(core::format("{}: location '{}' is none of cell, face_x, face_y, face_z",
                                     path.string(), name));
}

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const auto extension = entry.path().extension();
    if (extension == ".hdf5" || extension == ".h5") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// A radius or an angle that is taken for a length would be trained on without a word.
bool is_sphere(const Hdf5File& file) {
  const auto type = attribute_or<std::string>(file, "", "grid_type", "cartesian");
  if (type == layout::sphere_type) return true;
  if (lower_case(type) == "cartesian") return false;
  throw core::UserError(
      core::format("{}: grid_type is '{}'; cartesian is wanted (or {}, as this program writes it)",
                   file.path().string(), type, layout::sphere_type));
}

// An axis or the times of a file, which all its trajectories share.
std::vector<double> one_axis(const Hdf5File& file, const std::string& name) {
  const std::string object = "dimensions/" + name;
  if (!file.exists(object))
    throw core::UserError(core::format(
        "{}: no {}; its coordinates are wanted (dimensions has spatial_dims {} and time)",
        file.path().string(), object,
        core::joined(file.attribute<std::vector<std::string>>("dimensions", "spatial_dims"))));
  if (const auto axes = file.shape(object).size(); axes != 1)
    throw core::UserError(core::format(
        "{}: {} has {} axes; one is wanted, for all trajectories and times are on the same grid and begin together",
        file.path().string(), object, axes));
  return file.get<double>(object);
}

mesh::GridParams read_sphere(const Hdf5File& file, const std::vector<std::string>& dims) {
  const auto wrong = [&](const std::string& what) {
    throw core::UserError(
        core::format("{}: grid_type is cubed_sphere, and {}", file.path().string(), what));
  };
  if (dims != std::vector<std::string>{"panel", "y", "x"})
    wrong("its dimensions are not panel, y, x");
  const auto panels = file.get<double>("dimensions/panel").size(),
             high = file.get<double>("dimensions/y").size(),
             wide = file.get<double>("dimensions/x").size();
  if (panels != 6 || wide != high || wide < 2)
    wrong(core::format("it has {} panels of {} x {} cells; 6 of n x n are wanted", panels, wide,
                       high));
  const double radius_m = attribute_or(file, "", "radius_m", 0.0);
  if (!(radius_m > 0)) wrong("it has no radius_m above 0");
  const auto n = static_cast<long long>(wide);
  return {.lower_m = {}, .upper_m = {}, .cells = {n, n}, .ranks = {}, .radius_m = radius_m};
}

// Coordinates or times at equal intervals, which files hold in single precision and others have computed.
void require_even(const Hdf5File& file, const std::string& name,
                  const std::vector<double>& values) {
  const double mean = (values.back() - values.front()) / static_cast<double>(values.size() - 1);
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  const double slack = 1e-3 * mean + 2 * double(std::numeric_limits<float>::epsilon()) * largest;
  for (std::size_t n = 1; n < values.size(); ++n) {
    const double gap = values[n] - values[n - 1];
    // A value that is not a number fails, too.
    if (gap > 0 && std::abs(gap - mean) <= slack) continue;
    throw core::UserError(core::format(
        "{}: dimensions/{}: value {} is {} after {}; finite values that rise at equal intervals are wanted",
        file.path().string(), name, n, values[n], values[n - 1]));
  }
}

mesh::GridParams read_grid(const Hdf5File& file, const std::vector<std::string>& dims) {
  if (is_sphere(file)) return read_sphere(file, dims);
  // Files of ours have the box: their cells may be of unlike sizes.
  const bool own = file.has_attribute("", "lower_m") && file.has_attribute("", "upper_m");
  mesh::GridParams grid;
  grid.cells.clear();
  grid.lower_m.clear();
  grid.upper_m.clear();
  for (const std::string& name : dims) {
    const auto x = one_axis(file, name);
    if (x.size() < 2)
      throw core::UserError(core::format("{}: dimensions/{} has {} points; at least 2 are wanted",
                                         file.path().string(), name, x.size()));
    if (!own) require_even(file, name, x);
    const double spacing = (x.back() - x.front()) / static_cast<double>(x.size() - 1);
    grid.cells.push_back(static_cast<long long>(x.size()));
    grid.lower_m.push_back(x.front() - spacing / 2);
    grid.upper_m.push_back(x.back() + spacing / 2);
  }
  grid.lower_m = attribute_or(file, "", "lower_m", grid.lower_m);
  grid.upper_m = attribute_or(file, "", "upper_m", grid.upper_m);
  return grid;
}

SideKind read_kind(const Hdf5File& file, const std::string& group) {
  if (file.has_attribute(group, "kind"))
    return side_kind_from(file.attribute<std::string>(group, "kind"), file.path().string());
  const auto type = attribute_or<std::string>(file, group, "bc_type", "OPEN");
  for (const SideKind kind : {SideKind::periodic, SideKind::wall, SideKind::open})
    if (lower_case(type) == lower_case(layout::well_name(kind))) return kind;
  throw core::UserError(core::format("{}: {}: bc_type '{}' is none of PERIODIC, WALL, OPEN",
                                     file.path().string(), group, type));
}

// The ends of its dimension that a group's mask marks, lower and upper; both where it has none.
std::array<bool, 2> ends_of(const Hdf5File& file, const std::string& group) {
  const std::string mask = group + "/mask";
  if (!file.exists(mask)) return {true, true};
  const auto info = file.info(mask);
  if (info.type != "bool" || info.shape.size() != 1 || info.shape.front() == 0) return {true, true};
  const auto marked = file.get<bool>(mask);
  if (!marked.front() && !marked.back()) return {true, true};
  return {marked.front(), marked.back()};
}

// By side where the groups have the names of sides; else by the dimension they are associated with.
SideKinds read_boundaries(const Hdf5File& file, const std::vector<std::string>& dims) {
  SideKinds kinds(2 * dims.size(), SideKind::open);
  for (const std::string& name : file.children("boundary_conditions")) {
    const std::string group = "boundary_conditions/" + name;
    const auto of = attribute_or<std::vector<std::string>>(file, group, "associated_dims", {});
    const auto ends = ends_of(file, group);
    for (std::size_t side = 0; side < kinds.size(); ++side) {
      // "x_lower_wall"; "x_lower" in files of version 0.2 and before.
      const std::string own = mesh::side_name(static_cast<int>(side));
      const bool by_side = name == own || name.starts_with(own + "_");
      const bool by_dim = (name + "_").find("_lower_") == std::string::npos &&
                          (name + "_").find("_upper_") == std::string::npos &&
                          std::find(of.begin(), of.end(), dims[side / 2]) != of.end() &&
                          ends[side % 2];
      if (by_side || by_dim) kinds[side] = read_kind(file, group);
    }
  }
  return kinds;
}

DatasetInfo read_info(const Hdf5File& file, const std::vector<double>& times) {
  DatasetInfo info;
  const auto dims = file.attribute<std::vector<std::string>>("dimensions", "spatial_dims");
  info.name = attribute_or<std::string>(file, "", "dataset_name", file.path().stem().string());
  info.grid = read_grid(file, dims);
  info.boundaries =
      read_boundaries(file, info.grid.is_sphere() ? std::vector<std::string>{"x", "y"} : dims);
  if (!file.has_attribute("", "window_s")) require_even(file, "time", times);
  info.window_s = attribute_or(
      file, "", "window_s", (times.back() - times.front()) / static_cast<double>(times.size() - 1));
  return info;
}

}  // namespace

// Everything but the values of one file; its trajectories are appended to the samples.
void DatasetReader::read_file_info(const fs::path& path, const std::string& split) {
  const Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  for (const char* group : {"dimensions", "t0_fields"})
    if (!file.exists(group))
      throw core::UserError(core::format(
          "{}: no group {}; a dataset in the layout of The Well is wanted", path.string(), group));
  const auto times = one_axis(file, "time");
  if (times.size() < 2)
    throw core::UserError(
        core::format("{}: {} frames; at least 2 are wanted", path.string(), times.size()));
  DatasetInfo info = read_info(file, times);
  const auto dims = file.attribute<std::vector<std::string>>("dimensions", "spatial_dims");
  std::vector<Channel> channels;
  for (const FieldEntry& entry : layout::field_entries(file)) {
    layout::require_all_axes(file, entry, dims);
    layout::require_shape(file, entry, times.size(), info.grid);
    Channel channel;
    channel.dataset = entry.path;
    channel.sample_varying = entry.sample_varying;
    channel.time_varying = entry.time_varying;
    channel.role = entry.time_varying ? mesh::Role::prognostic : mesh::Role::fixed;
    channel.location =
        location_from(attribute_or<std::string>(file, entry.path, "location", "cell"), path);
    const EntryPart whole{attribute_or(file, entry.path, "field", entry.name),
                          static_cast<int>(attribute_or(file, entry.path, "component", 0LL))};
    for (const EntryPart& part : layout::parts_of(entry, whole, dims)) {
      channel.field = part.field;
      channel.component = part.component;
      channel.last = part.last;
      channels.push_back(channel);
      if (!info.fields.empty() && info.fields.back().name == part.field)
        ++info.fields.back().components;
      else
        info.fields.push_back({part.field, attribute_or<std::string>(file, entry.path, "units", ""),
                               channel.location, channel.role,
                               attribute_or<std::string>(file, entry.path, "description", "")});
    }
  }
  if (samples_.empty()) {
    info_ = info;
    channels_ = channels;
  } else if (const std::string what = layout::first_difference(info, info_); !what.empty()) {
    throw core::UserError(core::format("{} differs from {}: it {}", path.string(),
                                       places_.front().file.string(), what));
  }
  SampleInfo sample;
  sample.split = split;
  sample.frames = static_cast<long long>(times.size());
  add_samples(file, sample, times.front());
}

// One sample for each of the file's trajectories, which share its cost.
void DatasetReader::add_samples(const Hdf5File& file, const SampleInfo& of, double start_s) {
  SampleInfo sample = of;
  auto text = [&](const char* name) { return attribute_or<std::string>(file, "", name, ""); };
  sample.provenance.deck = text("provenance.deck");
  sample.provenance.deck_hash = text("provenance.deck_hash");
  sample.provenance.version = text("provenance.version");
  sample.provenance.git = text("provenance.git");
  const long long trajectories = trajectories_in(file);
  sample.cost_core_s =
      attribute_or(file, "", "cost_core_s", 0.0) / static_cast<double>(std::max(1LL, trajectories));
  std::error_code ignored;
  const std::uintmax_t bytes = fs::file_size(file.path(), ignored);
  const fs::file_time_type written = fs::last_write_time(file.path(), ignored);
  for (long long n = 0; n < trajectories; ++n) {
    sample.parameters = layout::read_parameters(file, n);
    sample.name = file.path().stem().string() + (trajectories > 1 ? "_" + std::to_string(n) : "");
    samples_.push_back(sample);
    places_.push_back({file.path(), static_cast<std::uint64_t>(n), start_s, bytes, written});
  }
}

DatasetReader::DatasetReader(const fs::path& directory) : directory_(directory) {
  if (!fs::is_directory(directory))
    throw core::UserError(
        core::format("dataset {}: no such folder; `generate` makes it", directory.string()));
  // The Well's own folders are <name>/data/<split>.
  const bool theirs =
      !fs::is_directory(directory / "train") && fs::is_directory(directory / "data");
  const fs::path root = theirs ? directory / "data" : directory;
  for (const char* split : layout::splits)
    for (const auto& file : files_in(root / split)) read_file_info(file, split);
  if (samples_.empty())
    throw core::UserError(
        core::format("dataset {}: no finished sample (train/*.hdf5, valid/*.hdf5, test/*.hdf5)",
                     directory.string()));
}

}  // namespace understudy::surrogates
