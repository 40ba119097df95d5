#include "surrogates/points/point_dataset.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"
#include "core/names.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace understudy::surrogates {

std::string to_string(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& c : columns)
    text += core::format("{}{} [{}]", text.empty() ? "" : ", ", c.name, c.unit);
  return text.empty() ? "none" : text;
}

void require_columns(const std::vector<Column>& expected, const std::vector<Column>& found,
                     const std::string& side, const std::string& where) {
  if (expected == found) return;
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(core::format("{}: {}. Its {}s are {}; expected are {}", where, what, side,
                                       to_string(found), to_string(expected)));
  };
  const auto place = [](const std::vector<Column>& in, const std::string& name) {
    return std::ranges::find(in, name, &Column::name);
  };
  for (const Column& c : expected)
    if (place(found, c.name) == found.end())
      refuse(core::format("{} '{}' is missing", side, c.name));
  for (const Column& c : found)
    if (place(expected, c.name) == expected.end())
      refuse(core::format("{} '{}' is not expected", side, c.name));
  for (const Column& c : expected)
    if (place(found, c.name)->unit != c.unit)
      refuse(core::format("{} '{}' is in {} there and expected in {}", side, c.name,
                          place(found, c.name)->unit, c.unit));
  refuse(core::format("the {}s are in another order", side));
}

void require_valid(const PointsInfo& info) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  };
  if (info.name.empty() || !std::ranges::all_of(info.name, plain))
    throw core::UserError(core::format(
        "the name of a sub-model is made of letters, digits, '_' and '-'; '{}' is not", info.name));
  if (const std::string fault = core::name_fault(info.name); !fault.empty())
    throw core::UserError(core::format("sub-model {}: the name cannot be one: {}",
                                       info.name.substr(0, core::longest_name), fault));
  for (const auto* columns : {&info.inputs, &info.outputs}) {
    const char* side = columns == &info.inputs ? "input" : "output";
    if (columns->empty())
      throw core::UserError(core::format("sub-model {}: no {} is named", info.name, side));
    for (auto c = columns->begin(); c != columns->end(); ++c) {
      if (c->name.empty() || c->name.find('\n') != std::string::npos)
        throw core::UserError(core::format("sub-model {}: {} {} has no name of one line", info.name,
                                           side, 1 + (c - columns->begin())));
      if (c->unit.find('\n') != std::string::npos)
        throw core::UserError(core::format("sub-model {}: the unit of {} '{}' is not of one line",
                                           info.name, side, c->name));
      if (std::ranges::count(*columns, c->name, &Column::name) > 1)
        throw core::UserError(
            core::format("sub-model {}: two {}s are named '{}'", info.name, side, c->name));
    }
  }
}

namespace {

struct Part {
  PointsInfo info;
  std::vector<double> inputs, outputs;
  long long points = 0;
  double cost_core_s = 0;
};

std::vector<Column> columns_of(const mesh::Hdf5File& file, const std::string& side) {
  const auto names = file.attribute<std::vector<std::string>>("", side + "_names");
  const auto units = file.attribute<std::vector<std::string>>("", side + "_units");
  if (names.size() != units.size())
    throw core::UserError(core::format("{}: {} {}s have {} units", file.path().string(),
                                       names.size(), side, units.size()));
  std::vector<Column> columns;
  for (std::size_t n = 0; n < names.size(); ++n) columns.push_back({names[n], units[n]});
  return columns;
}

void require_finite(const std::vector<double>& values, const std::vector<Column>& columns,
                    const std::filesystem::path& path) {
  const auto bad =
      std::ranges::find_if(values, [](double v) { return !std::isfinite(v); }) - values.begin();
  if (bad == static_cast<std::ptrdiff_t>(values.size())) return;
  const auto width = static_cast<std::ptrdiff_t>(columns.size());
  throw core::UserError(core::format(
      "{}: '{}' of point {} is {}; every value must be finite. Remove the file, or the point",
      path.string(), columns[bad % width].name, bad / width, values[bad]));
}

std::vector<double> read_rows(const mesh::Hdf5File& file, const std::string& name,
                              std::uint64_t rows, const std::vector<Column>& columns) {
  const mesh::H5Shape shape = file.shape(name);
  if (shape.size() != 2 || shape[1] != columns.size() || shape[0] < rows)
    throw core::UserError(core::format(
        "{}: {} does not hold [{} points, {} columns] as its attributes say; the file is damaged",
        file.path().string(), name, rows, columns.size()));
  std::vector<double> values(rows * columns.size());
  file.read(name, values.data(), {{0, 0}, {rows, columns.size()}});
  require_finite(values, columns, file.path());
  return values;
}

Part read_part(const std::filesystem::path& path) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  if (!file.has_attribute("", "kind") ||
      file.attribute<std::string>("", "kind") != point_dataset_kind)
    throw core::UserError(core::format(
        "{} is not a dataset of points (its attribute `kind` is not {}); a SubModel in collect mode "
        "writes such files",
        path.string(), point_dataset_kind));
  Part part;
  part.info.name = file.attribute<std::string>("", "name");
  part.info.inputs = columns_of(file, "input");
  part.info.outputs = columns_of(file, "output");
  part.points = file.attribute<long long>("", "points");
  if (file.has_attribute("", "cost_core_s"))
    part.cost_core_s = file.attribute<double>("", "cost_core_s");
  if (part.points <= 0) return part;
  const auto rows = static_cast<std::uint64_t>(part.points);
  part.inputs = read_rows(file, "inputs", rows, part.info.inputs);
  part.outputs = read_rows(file, "outputs", rows, part.info.outputs);
  return part;
}

std::string hash_of(const std::vector<double>& values) {
  return core::sha256(
      std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)));
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code))
    if (entry.path().extension() == ".h5") files.push_back(entry.path());
  if (files.empty())
    throw core::UserError(
        core::format("no points in {} (no file *.h5{}); a SubModel with policy collect writes them",
                     directory.string(), code ? ": " + code.message() : ""));
  std::ranges::sort(files);
  return files;
}

// What the files say that they hold, before it is read: all of it, and the last file once more.
void require_points_fit(const std::filesystem::path& directory) {
  double values = 0;
  for (const auto& path : files_of(directory)) {
    const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
    for (const char* name : {"inputs", "outputs"}) {
      if (!file.exists(name)) continue;
      double one = 1;
      for (const auto length : file.shape(name)) one *= static_cast<double>(length);
      values += one;
    }
  }
  core::require_memory({.bytes = sizeof(double) * values,
                        .what = core::format("the points in {}", directory.string()),
                        .remedy = "use fewer files of points",
                        .at_least = true,
                        .on_host = true,
                        .alone = true},
                       core::Comm::self());
}

}  // namespace

PointDataset read_points(const std::filesystem::path& directory) {
  require_points_fit(directory);
  PointDataset all;
  std::string hashes;
  for (const auto& path : files_of(directory)) {
    Part part = read_part(path);
    if (all.files++ == 0) {
      all.info = part.info;
      hashes = to_string(part.info.inputs) + to_string(part.info.outputs);
    } else {
      require_columns(all.info.inputs, part.info.inputs, "input", path.string());
      require_columns(all.info.outputs, part.info.outputs, "output", path.string());
    }
    all.inputs.insert(all.inputs.end(), part.inputs.begin(), part.inputs.end());
    all.outputs.insert(all.outputs.end(), part.outputs.begin(), part.outputs.end());
    all.points += part.points;
    all.cost_core_s += part.cost_core_s;
    hashes += hash_of(part.inputs) + hash_of(part.outputs);
  }
  all.hash = core::sha256(hashes).substr(0, 16);
  return all;
}

}  // namespace understudy::surrogates
