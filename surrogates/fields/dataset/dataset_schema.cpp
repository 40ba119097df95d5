// What a sample's file has before its values: dimensions, sides, parameters, provenance, fields.
#include <algorithm>
#include <cctype>
#include <numbers>

#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

namespace {

using layout::global_shape;
using mesh::H5Shape;

// Metres in a box; on a cubed sphere the numbers of the panels, and alpha and beta in radians.
std::vector<double> centres_of(const mesh::GridParams& grid, int axis) {
  const long long cells = mesh::shape_of(grid).at(axis);
  double lower = 0, spacing = 1, first = 0.5;
  if (!grid.is_sphere()) {
    lower = grid.lower_m[axis];
    spacing = (grid.upper_m[axis] - lower) / static_cast<double>(cells);
  } else if (axis == 2) {
    first = 0;
  } else {
    lower = -std::numbers::pi / 4;
    spacing = std::numbers::pi / 2 / static_cast<double>(cells);
  }
  std::vector<double> centres;
  for (long long i = 0; i < cells; ++i)
    centres.push_back(lower + spacing * (static_cast<double>(i) + first));
  return centres;
}

void write_dimensions(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample,
                      double start_s) {
  const mesh::GridParams& grid = dataset.grid;
  std::vector<std::string> names;
  std::vector<double> times;
  for (long long n = 0; n < sample.frames; ++n)
    times.push_back(start_s + static_cast<double>(n) * dataset.window_s);
  file.create_group("dimensions");
  file.put("dimensions/time", times, {times.size()});
  file.set_attribute("dimensions/time", "sample_varying", false);
  file.set_attribute("dimensions/time", "time_varying", true);
  for (const int axis : layout::axes_of(grid)) {
    const std::vector<double> centres = centres_of(grid, axis);
    names.push_back(layout::axis_name(grid, axis));
    const std::string path = "dimensions/" + names.back();
    file.put(path, centres, {centres.size()});
    file.set_attribute(path, "sample_varying", false);
    file.set_attribute(path, "time_varying", false);
  }
  file.set_attribute("dimensions", "spatial_dims", names);
}

void write_boundaries(mesh::Hdf5File& file, const DatasetInfo& dataset) {
  file.create_group("boundary_conditions");
  for (std::size_t side = 0; side < dataset.boundaries.size(); ++side) {
    const int axis = mesh::side_axis(static_cast<int>(side));
    const std::string type = layout::well_name(dataset.boundaries[side]);
    std::string path =
        std::string("boundary_conditions/") + mesh::side_name(static_cast<int>(side)) + "_";
    for (const char c : type)
      path += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    file.create_group(path);
    file.set_attribute(path, "associated_dims", std::vector<std::string>{layout::axis_names[axis]});
    file.set_attribute(path, "associated_fields", std::vector<std::string>{});
    file.set_attribute(path, "bc_type", type);
    file.set_attribute(path, "kind", to_string(dataset.boundaries[side]));
    file.set_attribute(path, "sample_varying", false);
    file.set_attribute(path, "time_varying", false);
    std::vector<bool> mask(dataset.grid.cells[axis], false);
    mask[mesh::is_upper(static_cast<int>(side)) ? mask.size() - 1 : 0] = true;
    file.put(path + "/mask", mask, {mask.size()});
  }
}

void write_header(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample) {
  std::vector<std::string> names;
  for (const NamedValue& parameter : sample.parameters) names.push_back(parameter.name);
  file.set_attribute("", "dataset_name", dataset.name);
  const mesh::GridParams& grid = dataset.grid;
  file.set_attribute("", "grid_type", grid.is_sphere() ? layout::sphere_type : "cartesian");
  file.set_attribute("", "n_spatial_dims", static_cast<int>(layout::axes_of(grid).size()));
  file.set_attribute("", "n_trajectories", 1);
  file.set_attribute("", "simulation_parameters", names);
  file.set_attribute("", "window_s", dataset.window_s);
  if (grid.is_sphere()) {
    file.set_attribute("", "radius_m", grid.radius_m);
  } else {
    file.set_attribute("", "lower_m", grid.lower_m);
    file.set_attribute("", "upper_m", grid.upper_m);
  }
  for (const auto& [key, value] : sample.provenance.as_map())
    file.set_attribute("", "provenance." + key, value);
  file.create_group("scalars");
  file.set_attribute("scalars", "field_names", names);
  for (const NamedValue& parameter : sample.parameters) {
    const std::string path = "scalars/" + parameter.name;
    file.set_attribute("", parameter.name, parameter.value);
    file.put(path, std::vector<double>{parameter.value}, {1});
    file.set_attribute(path, "sample_varying", true);
    file.set_attribute(path, "time_varying", false);
    file.set_attribute(path, "units", parameter.unit);
  }
}

void create_in_chunks(mesh::Hdf5File& file, const std::string& path, mesh::H5Type type,
                      const H5Shape& shape, const mesh::GridParams& grid) {
  const std::uint64_t value_bytes = type == mesh::H5Type::float32 ? 4 : 8;
  file.create_dataset(path, type, shape,
                      {.chunk = layout::chunk_of(grid, shape, value_bytes), .checksum = true});
}

void create_fields(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample,
                   mesh::H5Type type) {
  const int dimension = dataset.grid.dimension();
  const auto frames = static_cast<std::uint64_t>(sample.frames);
  std::vector<std::string> names;
  file.create_group("t0_fields");
  file.create_group("closing_faces");
  for (const mesh::FieldInfo& field : dataset.fields) {
    const bool fixed = field.role == mesh::Role::fixed;
    const int axis = layout::closing_axis(field, dataset.boundaries, dimension);
    for (int c = 0; c < field.components; ++c) {
      names.push_back(layout::channel_name(field, c));
      const std::string path = "t0_fields/" + names.back();
      H5Shape shape = global_shape(dataset.grid, fixed ? H5Shape{1} : H5Shape{1, frames});
      create_in_chunks(file, path, type, shape, dataset.grid);
      file.set_attribute(path, "dim_varying",
                         std::vector<bool>(layout::axes_of(dataset.grid).size(), true));
      file.set_attribute(path, "sample_varying", true);
      file.set_attribute(path, "time_varying", !fixed);
      file.set_attribute(path, "units", field.unit);
      file.set_attribute(path, "location", mesh::to_string(field.location));
      file.set_attribute(path, "role", fixed ? "fixed" : "prognostic");
      file.set_attribute(path, "description", field.description);
      file.set_attribute(path, "field", field.name);
      file.set_attribute(path, "component", c);
      if (axis < 0 || fixed) continue;
      shape[2 + axis] = 1;
      create_in_chunks(file, "closing_faces/" + names.back(), type, shape, dataset.grid);
    }
  }
  file.set_attribute("t0_fields", "field_names", names);
  for (const char* group : {"t1_fields", "t2_fields"}) {
    file.create_group(group);
    file.set_attribute(group, "field_names", std::vector<std::string>{});
  }
}

}  // namespace

H5Shape layout::chunk_of(const mesh::GridParams& grid, const H5Shape& shape,
                         std::uint64_t value_bytes) {
  H5Shape chunk = shape;
  const std::size_t leading = shape.size() - axes_of(grid).size();
  std::fill_n(chunk.begin(), leading, 1);
  const auto too_large = [&] {
    std::uint64_t bytes = value_bytes;
    for (const std::uint64_t length : chunk) bytes *= length;
    return bytes > chunk_bytes;
  };
  if (grid.is_sphere() && too_large()) chunk[leading] = 1;
  while (too_large()) {
    std::size_t longest = leading;
    for (std::size_t axis = leading; axis < chunk.size(); ++axis)
      if (chunk[axis] >= chunk[longest]) longest = axis;
    chunk[longest] = (chunk[longest] + 1) / 2;
  }
  return chunk;
}

void layout::write_schema(mesh::Hdf5File& file, const DatasetInfo& dataset,
                          const SampleInfo& sample, const Values& values) {
  write_header(file, dataset, sample);
  write_dimensions(file, dataset, sample, values.start_s);
  write_boundaries(file, dataset);
  create_fields(file, dataset, sample, values.type);
}

}  // namespace understudy::surrogates
