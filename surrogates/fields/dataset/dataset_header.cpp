// What a dataset's files say of themselves: fields, grid, sides, parameters, provenance.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

namespace {

namespace fs = std::filesystem;
using mesh::H5Shape;
using mesh::Hdf5File;

template <class Value>
Value attribute_or(const Hdf5File& file, const std::string& object, const std::string& name,
                   const Value& otherwise) {
  return file.has_attribute(object, name) ? file.attribute<Value>(object, name) : otherwise;
}

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

bool is_sphere(const Hdf5File& file) {
  return attribute_or<std::string>(file, "", "grid_type", "cartesian") == layout::sphere_type;
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
    const auto x = file.get<double>("dimensions/" + name);
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
  std::string upper = type;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const SideKind kind : {SideKind::periodic, SideKind::wall, SideKind::open})
    if (upper == layout::well_name(kind)) return kind;
  throw core::UserError(core::format("{}: {}: bc_type '{}' is none of PERIODIC, WALL, OPEN",
                                     file.path().string(), group, type));
}

// By side where the groups have the names of sides; else by the dimension they are associated with.
SideKinds read_boundaries(const Hdf5File& file, const std::vector<std::string>& dims) {
  SideKinds kinds(2 * dims.size(), SideKind::open);
  for (const std::string& name : file.children("boundary_conditions")) {
    const std::string group = "boundary_conditions/" + name;
    const auto of = attribute_or<std::vector<std::string>>(file, group, "associated_dims", {});
    for (std::size_t side = 0; side < kinds.size(); ++side) {
      // "x_lower_wall"; "x_lower" in files of version 0.2 and before.
      const std::string own = mesh::side_name(static_cast<int>(side));
      const bool by_side = name == own || name.starts_with(own + "_");
      const bool by_dim = (name + "_").find("_lower_") == std::string::npos &&
                          (name + "_").find("_upper_") == std::string::npos &&
                          std::find(of.begin(), of.end(), dims[side / 2]) != of.end();
      if (by_side || by_dim) kinds[side] = read_kind(file, group);
    }
  }
  return kinds;
}

std::vector<NamedValue> read_parameters(const Hdf5File& file) {
  std::vector<NamedValue> parameters;
  for (const auto& name :
       attribute_or<std::vector<std::string>>(file, "", "simulation_parameters", {})) {
    NamedValue value{name, "", 0};
    value.value = file.attribute<double>("", name);
    if (file.exists("scalars/" + name))
      value.unit = attribute_or<std::string>(file, "scalars/" + name, "units", "");
    parameters.push_back(value);
  }
  return parameters;
}

// One entry of a group's field_names.
struct FieldEntry {
  std::string path, name;  ///< "t1_fields/velocity", "velocity"
  int components = 1;
  bool sample_varying = true, time_varying = true;
};

std::vector<FieldEntry> field_entries(const Hdf5File& file, int dimension) {
  std::vector<FieldEntry> entries;
  for (const std::string group : {"t0_fields", "t1_fields"}) {
    if (!file.exists(group)) continue;
    for (const auto& name :
         attribute_or<std::vector<std::string>>(file, group, "field_names", {})) {
      FieldEntry entry{group + "/" + name, name, group == "t1_fields" ? dimension : 1};
      entry.sample_varying = attribute_or(file, entry.path, "sample_varying", true);
      entry.time_varying = attribute_or(file, entry.path, "time_varying", true);
      entries.push_back(entry);
    }
  }
  return entries;
}

long long trajectories_in(const Hdf5File& file) {
  return attribute_or(file, "", "n_trajectories", 1LL);
}

void require_shape(const Hdf5File& file, const FieldEntry& entry, std::size_t frames,
                   const mesh::GridParams& grid) {
  H5Shape expected;
  if (entry.sample_varying) {
    const auto shape = file.shape(entry.path);
    const auto samples = shape.empty() ? 0 : static_cast<long long>(shape.front());
    if (samples != trajectories_in(file))
      throw core::UserError(core::format(
          "{}: {} holds {} trajectories, and {}", file.path().string(), entry.path, samples,
          file.has_attribute("", "n_trajectories")
              ? core::format("n_trajectories is {}", trajectories_in(file))
              : "there is no attribute n_trajectories, so one is wanted"));
    expected.push_back(shape.front());
  }
  if (entry.time_varying) expected.push_back(frames);
  expected = layout::global_shape(grid, expected);
  if (entry.path.starts_with("t1_fields/")) expected.push_back(entry.components);
  file.require_shape(entry.path, expected, "sample, time, x, y, (z), (component)");
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
  const auto times = file.get<double>("dimensions/time");
  if (times.size() < 2)
    throw core::UserError(
        core::format("{}: {} frames; at least 2 are wanted", path.string(), times.size()));
  DatasetInfo info = read_info(file, times);
  std::vector<Channel> channels;
  for (const FieldEntry& entry : field_entries(file, info.grid.dimension())) {
    require_shape(file, entry, times.size(), info.grid);
    Channel channel;
    channel.dataset = entry.path;
    channel.sample_varying = entry.sample_varying;
    channel.time_varying = entry.time_varying;
    channel.vector = entry.path.starts_with("t1_fields/");
    channel.field = attribute_or(file, entry.path, "field", entry.name);
    channel.component = static_cast<int>(attribute_or(file, entry.path, "component", 0LL));
    channel.role = entry.time_varying ? mesh::Role::prognostic : mesh::Role::fixed;
    channel.location =
        location_from(attribute_or<std::string>(file, entry.path, "location", "cell"), path);
    for (int c = 0; c < entry.components; ++c) {
      if (channel.vector) channel.component = c;
      channels.push_back(channel);
    }
    if (!info.fields.empty() && info.fields.back().name == channel.field)
      info.fields.back().components += entry.components;
    else
      info.fields.push_back(
          {channel.field, attribute_or<std::string>(file, entry.path, "units", ""),
           channel.location, channel.role,
           attribute_or<std::string>(file, entry.path, "description", ""), entry.components});
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
  sample.parameters = read_parameters(file);
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
