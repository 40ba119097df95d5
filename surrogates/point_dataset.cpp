#include "surrogates/point_dataset.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <format>

#include "core/error.hpp"
#include "core/log.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace understudy::surrogates {

namespace {

constexpr const char* kind = "understudy_points";
constexpr long long block_points = 65536;

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& c : columns) names.push_back(c.name);
  return names;
}

std::vector<std::string> units_of(const std::vector<Column>& columns) {
  std::vector<std::string> units;
  for (const Column& c : columns) units.push_back(c.unit);
  return units;
}

bool finite_row(const double* row, std::size_t count) {
  return std::all_of(row, row + count, [](double v) { return std::isfinite(v); });
}

// Another process of another host may start in the same second.
std::string file_name(const PointsInfo& info, const core::Provenance& provenance, int rank) {
  static std::atomic<int> writers{0};
  std::string stamp;
  for (const char c : provenance.started)
    if (c != '-' && c != ':') stamp += c;
  return std::format("{}_{}_{}_{}_{}_rank{}.h5", info.name, stamp,
                     core::sha256(provenance.host).substr(0, 6), getpid(), writers++, rank);
}

}  // namespace

std::string to_string(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& c : columns)
    text += std::format("{}{} [{}]", text.empty() ? "" : ", ", c.name, c.unit);
  return text.empty() ? "none" : text;
}

void require_columns(const std::vector<Column>& expected, const std::vector<Column>& found,
                     const std::string& side, const std::string& where) {
  if (expected == found) return;
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(std::format("{}: {}. Its {}s are {}; expected are {}", where, what, side,
                                      to_string(found), to_string(expected)));
  };
  const auto place = [](const std::vector<Column>& in, const std::string& name) {
    return std::ranges::find(in, name, &Column::name);
  };
  for (const Column& c : expected)
    if (place(found, c.name) == found.end())
      refuse(std::format("{} '{}' is missing", side, c.name));
  for (const Column& c : found)
    if (place(expected, c.name) == expected.end())
      refuse(std::format("{} '{}' is not expected", side, c.name));
  for (const Column& c : expected)
    if (place(found, c.name)->unit != c.unit)
      refuse(std::format("{} '{}' is in {} there and expected in {}", side, c.name,
                         place(found, c.name)->unit, c.unit));
  refuse(std::format("the {}s are in another order", side));
}

void require_valid(const PointsInfo& info) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  };
  if (info.name.empty() || !std::ranges::all_of(info.name, plain))
    throw core::UserError(std::format(
        "the name of a sub-model is made of letters, digits, '_' and '-'; '{}' is not", info.name));
  for (const auto* columns : {&info.inputs, &info.outputs}) {
    const char* side = columns == &info.inputs ? "input" : "output";
    if (columns->empty())
      throw core::UserError(std::format("sub-model {}: no {} is named", info.name, side));
    for (auto c = columns->begin(); c != columns->end(); ++c) {
      if (c->name.empty() || c->name.find('\n') != std::string::npos)
        throw core::UserError(std::format("sub-model {}: {} {} has no name", info.name, side,
                                          1 + (c - columns->begin())));
      if (std::ranges::count(*columns, c->name, &Column::name) > 1)
        throw core::UserError(
            std::format("sub-model {}: two {}s are named '{}'", info.name, side, c->name));
    }
  }
}

struct PointWriter::File {
  mesh::Hdf5File hdf5;
};

PointWriter::PointWriter(const std::filesystem::path& directory, const PointsInfo& info,
                         const core::Provenance& provenance, int rank)
    : info_(info),
      provenance_(provenance),
      rank_(rank),
      path_(directory / file_name(info, provenance, rank)) {
  require_valid(info);
}

PointWriter::~PointWriter() {
  try {
    flush();
    if (file_) file_->hdf5.close();
  } catch (const std::exception& error) {
    core::log::error("points of {} are lost: {}", info_.name, error.what());
  }
}

long long PointWriter::append(const double* inputs, const double* outputs, long long points) {
  const std::size_t in = info_.inputs.size(), out = info_.outputs.size();
  long long kept = 0;
  for (long long n = 0; n < points; ++n) {
    const double *x = inputs + n * in, *y = outputs + n * out;
    if (!finite_row(x, in) || !finite_row(y, out)) continue;
    inputs_.insert(inputs_.end(), x, x + in);
    outputs_.insert(outputs_.end(), y, y + out);
    ++kept;
  }
  points_ += kept;
  if (points_ - written_ >= block_points) flush();
  return kept;
}

void PointWriter::flush() {
  const std::uint64_t in = info_.inputs.size(), out = info_.outputs.size();
  const auto rows = static_cast<std::uint64_t>(points_ - written_);
  if (rows == 0) return;
  if (!file_) {
    std::error_code code;
    std::filesystem::create_directories(path_.parent_path(), code);
    if (code)
      throw core::UserError(std::format("cannot make the folder {}: {}",
                                        path_.parent_path().string(), code.message()));
    file_ = std::make_unique<File>(
        File{mesh::Hdf5File(path_, mesh::H5Mode::create, core::Comm::self())});
    mesh::Hdf5File& file = file_->hdf5;
    file.set_attribute("", "kind", kind);
    file.set_attribute("", "layout", 1);
    file.set_attribute("", "name", info_.name);
    file.set_attribute("", "rank", rank_);
    file.set_attribute("", "points", 0);
    file.set_attribute("", "input_names", names_of(info_.inputs));
    file.set_attribute("", "input_units", units_of(info_.inputs));
    file.set_attribute("", "output_names", names_of(info_.outputs));
    file.set_attribute("", "output_units", units_of(info_.outputs));
    for (const auto& [key, value] : provenance_.as_map())
      file.set_attribute("", "provenance." + key, value);
    const std::uint64_t chunk = 4096;
    file.create_dataset<double>("inputs", {0, in},
                                {.chunk = {chunk, in}, .extendable_first = true});
    file.create_dataset<double>("outputs", {0, out},
                                {.chunk = {chunk, out}, .extendable_first = true});
  }
  mesh::Hdf5File& file = file_->hdf5;
  const auto before = static_cast<std::uint64_t>(written_);
  file.extend("inputs", before + rows);
  file.extend("outputs", before + rows);
  file.write("inputs", inputs_.data(), {{before, 0}, {rows, in}});
  file.write("outputs", outputs_.data(), {{before, 0}, {rows, out}});
  file.set_attribute("", "points", points_);
  file.set_attribute("", "cost_core_s", cost_core_s_);
  file.flush();
  written_ = points_;
  inputs_.clear();
  outputs_.clear();
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
    throw core::UserError(std::format("{}: {} {}s have {} units", file.path().string(),
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
  throw core::UserError(std::format(
      "{}: '{}' of point {} is {}; every value must be finite. Remove the file, or the point",
      path.string(), columns[bad % width].name, bad / width, values[bad]));
}

std::vector<double> read_rows(const mesh::Hdf5File& file, const std::string& name,
                              std::uint64_t rows, const std::vector<Column>& columns) {
  const mesh::H5Shape shape = file.shape(name);
  if (shape.size() != 2 || shape[1] != columns.size() || shape[0] < rows)
    throw core::UserError(std::format(
        "{}: {} does not hold [{} points, {} columns] as its attributes say; the file is damaged",
        file.path().string(), name, rows, columns.size()));
  std::vector<double> values(rows * columns.size());
  file.read(name, values.data(), {{0, 0}, {rows, columns.size()}});
  require_finite(values, columns, file.path());
  return values;
}

Part read_part(const std::filesystem::path& path) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  if (!file.has_attribute("", "kind") || file.attribute<std::string>("", "kind") != kind)
    throw core::UserError(std::format(
        "{} is not a dataset of points (its attribute `kind` is not {}); a SubModel in collect mode "
        "writes such files",
        path.string(), kind));
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
        std::format("no points in {} (no file *.h5{}); a SubModel with policy collect writes them",
                    directory.string(), code ? ": " + code.message() : ""));
  std::ranges::sort(files);
  return files;
}

}  // namespace

PointDataset read_points(const std::filesystem::path& directory) {
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
