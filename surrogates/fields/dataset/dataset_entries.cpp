#include "surrogates/fields/dataset/dataset_entries.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates::layout {

using mesh::H5Shape;
using mesh::Hdf5File;

long long trajectories_in(const Hdf5File& file) {
  return attribute_or(file, "", "n_trajectories", 1LL);
}

namespace {

bool is_number(const Hdf5File& file, const std::string& object) {
  const std::string type = file.info(object).type;
  return type.starts_with("float") || type.starts_with("int") || type.starts_with("uint");
}

// Those that simulation_parameters names, and scalars beside them that do not change in time.
std::vector<std::string> parameter_names(const Hdf5File& file) {
  using Texts = std::vector<std::string>;
  auto names = attribute_or<Texts>(file, "", "simulation_parameters", {});
  if (!file.exists("scalars")) return names;
  for (const auto& name : attribute_or<Texts>(file, "scalars", "field_names", {})) {
    const std::string scalar = "scalars/" + name;
    if (std::ranges::find(names, name) == names.end() && file.exists(scalar) &&
        is_number(file, scalar) && !attribute_or(file, scalar, "time_varying", false))
      names.push_back(name);
  }
  return names;
}

// A scalar that has a value for each trajectory, else the file's attribute, else the scalar that all share.
double parameter_of(const Hdf5File& file, const std::string& name, long long trajectory) {
  const std::string scalar = "scalars/" + name;
  const bool there = file.exists(scalar) && is_number(file, scalar) &&
                     !attribute_or(file, scalar, "time_varying", false);
  const auto shape = there ? file.shape(scalar) : H5Shape{};
  const bool each = shape == H5Shape{static_cast<std::uint64_t>(trajectories_in(file))};
  if (there && ((each && trajectories_in(file) > 1) || !file.has_attribute("", name))) {
    const auto values = file.get<double>(scalar);
    if (each || values.size() == 1) return values[each ? static_cast<std::size_t>(trajectory) : 0];
    throw core::UserError(
        core::format("{}: {} has {} values; one is wanted, or one for each of the {} trajectories",
                     file.path().string(), scalar, values.size(), trajectories_in(file)));
  }
  return file.attribute<double>("", name);
}

}  // namespace

std::vector<NamedValue> read_parameters(const Hdf5File& file, long long trajectory) {
  std::vector<NamedValue> parameters;
  for (const auto& name : parameter_names(file)) {
    NamedValue value{name, "", parameter_of(file, name, trajectory)};
    if (file.exists("scalars/" + name))
      value.unit = attribute_or<std::string>(file, "scalars/" + name, "units", "");
    parameters.push_back(value);
  }
  return parameters;
}

std::vector<FieldEntry> field_entries(const Hdf5File& file) {
  std::vector<FieldEntry> entries;
  for (int order = 0; order < 3; ++order) {
    const std::string group = core::format("t{}_fields", order);
    if (!file.exists(group)) continue;
    for (const auto& name :
         attribute_or<std::vector<std::string>>(file, group, "field_names", {})) {
      FieldEntry entry{group + "/" + name, name, order};
      entry.sample_varying = attribute_or(file, entry.path, "sample_varying", true);
      entry.time_varying = attribute_or(file, entry.path, "time_varying", true);
      entries.push_back(entry);
    }
  }
  return entries;
}

// A vector is one field of so many components; of a tensor each component is a field, "D_xy".
std::vector<EntryPart> parts_of(const FieldEntry& entry, const EntryPart& whole,
                                const std::vector<std::string>& dims) {
  if (entry.order == 0) return {whole};
  std::vector<EntryPart> parts;
  for (std::size_t a = 0; a < dims.size(); ++a) {
    if (entry.order == 1) {
      parts.push_back({whole.field, static_cast<int>(a), {a}});
      continue;
    }
    for (std::size_t b = 0; b < dims.size(); ++b)
      parts.push_back({core::format("{}_{}{}", whole.field, dims[a], dims[b]), 0, {a, b}});
  }
  return parts;
}

// A field that is the same along an axis lacks that axis.
void require_all_axes(const Hdf5File& file, const FieldEntry& entry,
                      const std::vector<std::string>& dims) {
  const auto varies = attribute_or<std::vector<bool>>(file, entry.path, "dim_varying", {});
  for (std::size_t axis = 0; axis < varies.size() && axis < dims.size(); ++axis)
    if (!varies[axis])
      throw core::UserError(core::format(
          "{}: {} does not vary along {} (dim_varying); fields on the whole grid are wanted",
          file.path().string(), entry.path, dims[axis]));
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
  expected = global_shape(grid, expected);
  for (int n = 0; n < entry.order; ++n)
    expected.push_back(static_cast<std::uint64_t>(grid.dimension()));
  file.require_shape(entry.path, expected, "sample, time, x, y, (z), (components)");
}

}  // namespace understudy::surrogates::layout
