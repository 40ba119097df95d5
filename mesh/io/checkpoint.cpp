// Layout of the file, version 2:
//   attributes of the root: format, format_version, precision, time_s, step, cells [3],
//     periodic [3], and those of the grid's geometry: a box's lower_m [3], upper_m [3];
//     checksum: of all that stands in attributes, the fields' checksums included (version 1: none)
//   fields/<name>  [component, z, y, x] with the closing faces; attributes unit, location, checksum
//   scalars        group; one attribute a scalar of the State
//   attributes     group; one text attribute an entry of the caller's
//   parts/<name>   group; what else the run keeps: fields/, scalars and attributes as above, in double
//     precision, with a checksum of their own. Programs that know none of it pass it over.
#include "mesh/io/checkpoint.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/provenance.hpp"
#include "core/timers.hpp"
#include "mesh/io/checkpoint_fields.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace understudy::mesh {

using core::UserError;

namespace {

constexpr const char* format_name = "understudy checkpoint";
constexpr long long format_version = 2;

template <class Real>
std::string precision_name() {
  return sizeof(Real) == 8 ? "double" : "single";
}

std::vector<long long> cells_of(const Grid& grid) {
  return {grid.global_cells(0), grid.global_cells(1), grid.global_cells(2)};
}
std::vector<bool> periodic_of(const Grid& grid) {
  return {grid.periodic(0), grid.periodic(1), grid.periodic(2)};
}

/// Of everything but the fields' values: 16 digits of the SHA-256 of a text in which no two states are the
/// same. `sums`: the fields' names and checksums.
template <class Real>
std::string checksum(const State<Real>& state, const std::map<std::string, std::string>& attributes,
                     const std::map<std::string, long long>& sums) {
  std::string text = core::format("{} {:a} {}\n", precision_name<Real>(), state.time_s, state.step);
  for (int axis = 0; axis < 3; ++axis)
    text += core::format("{} {}\n", state.grid().global_cells(axis), state.grid().periodic(axis));
  for (const auto& [name, values] : state.grid().geometry())
    for (const double value : values) text += core::format("{} {:a}\n", name, value);
  for (const auto& [name, value] : state.scalars) text += core::format("{} {:a}\n", name, value);
  for (const auto& [name, sum] : sums) text += core::format("{} {}\n", name, sum);
  for (const auto& [name, value] : attributes)
    text += core::format("{} {} {}\n", name, value.size(), value);
  return core::sha256(text).substr(0, 16);
}

template <class Real>
void write_into(Hdf5File& file, const State<Real>& state,
                const std::map<std::string, std::string>& attributes) {
  const Grid& grid = state.grid();
  file.keep_texts_whole();
  file.set_attribute("", "format", format_name);
  file.set_attribute("", "format_version", format_version);
  file.set_attribute("", "precision", precision_name<Real>());
  file.set_attribute("", "time_s", state.time_s);
  file.set_attribute("", "step", state.step);
  file.set_attribute("", "cells", cells_of(grid));
  file.set_attribute("", "periodic", periodic_of(grid));
  for (const auto& [name, values] : grid.geometry()) file.set_attribute("", name, values);
  file.create_group("scalars");
  for (const auto& [name, value] : state.scalars) file.set_attribute("scalars", name, value);
  file.create_group("attributes");
  for (const auto& [name, value] : attributes) file.set_attribute("attributes", name, value);
  const auto sums = checkpoint::write_fields(file, "fields", state);
  file.set_attribute("", "checksum", checksum(state, attributes, sums));
}

// --- reading -------------------------------------------------------------------------------------

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::string grid_text(const std::vector<long long>& cells, const std::vector<bool>& periodic,
                      const GridGeometry& geometry) {
  const auto lower = geometry.find("lower_m"), upper = geometry.find("upper_m");
  const bool box = lower != geometry.end() && upper != geometry.end();
  std::string text;
  for (std::size_t axis = 0; axis < cells.size(); ++axis)
    text += core::format(
        "{}{} cells{}{}", axis > 0 ? ", " : "", cells[axis],
        box ? core::format(" from {:.9g} to {:.9g} m", lower->second[axis], upper->second[axis])
            : "",
        periodic[axis] ? " (periodic)" : "");
  if (box) return text;
  for (const auto& [name, values] : geometry)
    for (const double value : values) text += core::format(", {} {:.9g}", name, value);
  return text;
}

/// What the file says of the geometry that the run's grid has; empty: of another kind of grid.
GridGeometry geometry_in(const Hdf5File& file, const Grid& grid) {
  GridGeometry found;
  for (const auto& [name, values] : grid.geometry()) {
    if (!file.has_attribute("", name)) return {};
    found[name] = file.attribute<std::vector<double>>("", name);
  }
  return found;
}

void require_grid(const Hdf5File& file, const Grid& grid) {
  const auto cells = file.attribute<std::vector<long long>>("", "cells");
  const auto periodic = file.attribute<std::vector<bool>>("", "periodic");
  const GridGeometry wanted = grid.geometry(), found = geometry_in(file, grid);
  if (cells.size() == 3 && cells == cells_of(grid) && periodic == periodic_of(grid) &&
      found == wanted)
    return;
  bool whole = cells.size() == 3 && periodic.size() == 3;
  for (const auto& [name, values] : found) whole = whole && values.size() == wanted.at(name).size();
  const std::string theirs = found.empty() ? "another geometry"
                             : whole       ? grid_text(cells, periodic, found)
                                           : "a damaged description";
  throw UserError(core::format("{}: the checkpoint's grid is another: it has {}; this run has {}",
                               file.path().string(), theirs,
                               grid_text(cells_of(grid), periodic_of(grid), wanted)));
}

template <class Real>
void require_fields(const Hdf5File& file, const State<Real>& state) {
  const std::vector<std::string> there = file.children("fields");
  std::vector<std::string> wanted;
  bool same = there.size() == state.fields().size();
  for (const auto& field : state.fields()) {
    wanted.push_back(field.info.name);
    same = same && file.exists("fields/" + field.info.name);
  }
  if (!same)
    throw UserError(
        core::format("{}: the checkpoint's fields are others: it holds {}; this run has {}",
                     file.path().string(), listed(there), listed(wanted)));
  for (const auto& field : state.fields()) {
    const std::string name = "fields/" + field.info.name;
    const auto location = file.attribute<std::string>(name, "location");
    if (location != to_string(field.info.location))
      throw UserError(core::format("{}: field '{}' lies at {}; this run has it at {}",
                                   file.path().string(), field.info.name, location,
                                   to_string(field.info.location)));
    file.require_shape(name, checkpoint::shape_of(state.grid(), field.info), "component, z, y, x");
  }
}

template <class Real>
void require_fit(const Hdf5File& file, const State<Real>& state) {
  const std::string path = file.path().string();
  if (!file.has_attribute("", "format") || file.attribute<std::string>("", "format") != format_name)
    throw UserError(core::format("{}: an HDF5 file, but not a checkpoint of this program", path));
  if (const auto version = file.attribute<long long>("", "format_version");
      version < 1 || version > format_version)
    throw UserError(core::format(
        "{}: the checkpoint's format is version {}; this program reads versions 1 to {}", path,
        version, format_version));
  const auto precision = file.attribute<std::string>("", "precision");
  if (precision != precision_name<Real>())
    throw UserError(
        core::format("{}: the checkpoint is in {} precision; this run is in {} (precision: "
                     "in the deck)",
                     path, precision, precision_name<Real>()));
  require_grid(file, state.grid());
  require_fields(file, state);
}

// --- parts ---------------------------------------------------------------------------------------

std::string part_checksum(const CheckpointPart& part,
                          const std::map<std::string, long long>& sums) {
  std::string text;
  for (const auto& [name, value] : part.state->scalars)
    text += core::format("{} {:a}\n", name, value);
  for (const auto& [name, sum] : sums) text += core::format("{} {}\n", name, sum);
  for (const auto& [name, value] : part.attributes)
    text += core::format("{} {} {}\n", name, value.size(), value);
  return core::sha256(text).substr(0, 16);
}

void write_part(Hdf5File& file, const CheckpointPart& part) {
  const std::string group = "parts/" + part.name;
  file.create_group(group + "/scalars");
  for (const auto& [name, value] : part.state->scalars)
    file.set_attribute(group + "/scalars", name, value);
  file.create_group(group + "/attributes");
  for (const auto& [name, value] : part.attributes)
    file.set_attribute(group + "/attributes", name, value);
  const auto sums = checkpoint::write_fields(file, group + "/fields", *part.state);
  file.set_attribute(group, "checksum", part_checksum(part, sums));
}

}  // namespace

template <class Real>
void write_checkpoint(const std::filesystem::path& path, const State<Real>& state,
                      const std::map<std::string, std::string>& attributes,
                      const std::vector<CheckpointPart>& parts) {
  const core::ScopedTimer region("checkpoint");
  write_hdf5_atomically(path, state.grid().comm(), [&](Hdf5File& file) {
    write_into(file, state, attributes);
    for (const auto& part : parts) write_part(file, part);
  });
}

template <class Real>
std::map<std::string, std::string> read_checkpoint(const std::filesystem::path& path,
                                                   State<Real>& state) {
  const Hdf5File file(path, H5Mode::read, state.grid().comm());
  require_fit(file, state);
  const auto sums = checkpoint::read_fields(file, "fields", state);
  state.time_s = file.attribute<double>("", "time_s");
  state.step = file.attribute<long long>("", "step");
  state.scalars.clear();
  for (const auto& name : file.attributes("scalars"))
    state.scalars[name] = file.attribute<double>("scalars", name);
  std::map<std::string, std::string> attributes;
  for (const auto& name : file.attributes("attributes"))
    attributes[name] = file.attribute<std::string>("attributes", name);
  const bool summed = file.attribute<long long>("", "format_version") > 1;
  if (summed && file.attribute<std::string>("", "checksum") != checksum(state, attributes, sums))
    throw UserError(core::format(
        "{}: the checkpoint is damaged: the checksum of its time, step, scalars and attributes is not the "
        "one that was written",
        path.string()));
  return attributes;
}

bool read_checkpoint_part(const std::filesystem::path& path, CheckpointPart& part) {
  State<double>& state = *part.state;
  const Hdf5File file(path, H5Mode::read, state.grid().comm());
  const std::string group = "parts/" + part.name;
  if (!file.exists("parts") || !file.exists(group)) return false;
  for (const auto& [name, value] : part.attributes)
    if (file.text_attribute(group + "/attributes", name) != value) return false;
  const auto sums = checkpoint::read_fields(file, group + "/fields", state);
  state.scalars.clear();
  for (const auto& name : file.attributes(group + "/scalars"))
    state.scalars[name] = file.attribute<double>(group + "/scalars", name);
  if (file.attribute<std::string>(group, "checksum") != part_checksum(part, sums))
    throw UserError(
        core::format("{}: the checkpoint is damaged: the checksum of its part '{}' is not "
                     "the one that was written",
                     path.string(), part.name));
  return true;
}

template void write_checkpoint(const std::filesystem::path&, const State<float>&,
                               const std::map<std::string, std::string>&,
                               const std::vector<CheckpointPart>&);
template void write_checkpoint(const std::filesystem::path&, const State<double>&,
                               const std::map<std::string, std::string>&,
                               const std::vector<CheckpointPart>&);
template std::map<std::string, std::string> read_checkpoint(const std::filesystem::path&,
                                                            State<float>&);
template std::map<std::string, std::string> read_checkpoint(const std::filesystem::path&,
                                                            State<double>&);

}  // namespace understudy::mesh
