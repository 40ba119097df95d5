// The writing of datasets of points.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "surrogates/points/point_dataset.hpp"

namespace understudy::surrogates {

namespace {

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
  return core::format("{}_{}_{}_{}_{}_rank{}.h5", info.name, stamp,
                      core::sha256(provenance.host).substr(0, 6), getpid(), writers++, rank);
}

void describe(mesh::Hdf5File& file, const PointsInfo& info, const core::Provenance& provenance,
              int rank) {
  file.set_attribute("", "kind", point_dataset_kind);
  file.set_attribute("", "layout", 1);
  file.set_attribute("", "name", info.name);
  file.set_attribute("", "rank", rank);
  file.set_attribute("", "points", 0);
  file.set_attribute("", "input_names", names_of(info.inputs));
  file.set_attribute("", "input_units", units_of(info.inputs));
  file.set_attribute("", "output_names", names_of(info.outputs));
  file.set_attribute("", "output_units", units_of(info.outputs));
  for (const auto& [key, value] : provenance.as_map())
    file.set_attribute("", "provenance." + key, value);
  const std::uint64_t chunk = 4096;
  file.create_dataset<double>(
      "inputs", {0, info.inputs.size()},
      {.chunk = {chunk, info.inputs.size()}, .extendable_first = true, .checksum = true});
  file.create_dataset<double>(
      "outputs", {0, info.outputs.size()},
      {.chunk = {chunk, info.outputs.size()}, .extendable_first = true, .checksum = true});
}

}  // namespace

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
  const std::size_t before_in = inputs_.size(), before_out = outputs_.size();
  long long kept = 0;
  try {
    for (long long n = 0; n < points; ++n) {
      const double *x = inputs + n * in, *y = outputs + n * out;
      if (!finite_row(x, in) || !finite_row(y, out)) continue;
      inputs_.insert(inputs_.end(), x, x + in);
      outputs_.insert(outputs_.end(), y, y + out);
      ++kept;
    }
    points_ += kept;
    if (points_ - written_ >= block_points) flush();
  } catch (...) {
    inputs_.resize(before_in);
    outputs_.resize(before_out);
    points_ = written_ + static_cast<long long>(before_in / in);
    throw;
  }
  return kept;
}

void PointWriter::flush() {
  if (points_ > written_) {
    if (file_)
      write_rows();
    else
      begin_file();
    written_ = points_;
    inputs_.clear();
    outputs_.clear();
  } else if (file_ && cost_core_s_ != written_cost_) {
    file_->hdf5.set_attribute("", "cost_core_s", cost_core_s_);
    file_->hdf5.flush();
  } else {
    return;
  }
  written_cost_ = cost_core_s_;
}

// Under another name until the first rows are complete: readers see all of them or nothing.
void PointWriter::begin_file() {
  const std::filesystem::path part = core::part_name(path_, getpid());
  const auto open = [&](const std::filesystem::path& path, mesh::H5Mode mode) {
    file_ = std::make_unique<File>(File{mesh::Hdf5File(path, mode, core::Comm::self())});
  };
  try {
    core::make_folder(path_.parent_path());
    open(part, mesh::H5Mode::create);
    describe(file_->hdf5, info_, provenance_, rank_);
    write_rows();
    file_->hdf5.close();
    file_.reset();
    std::error_code code;
    std::filesystem::rename(part, path_, code);
    if (code)
      throw core::UserError(core::format("cannot rename {} to {}: {}", part.string(),
                                         path_.filename().string(), code.message()));
    open(path_, mesh::H5Mode::update);
  } catch (...) {
    file_.reset();
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
}

void PointWriter::write_rows() {
  mesh::Hdf5File& file = file_->hdf5;
  const std::uint64_t in = info_.inputs.size(), out = info_.outputs.size();
  const auto before = static_cast<std::uint64_t>(written_);
  const auto rows = static_cast<std::uint64_t>(points_ - written_);
  file.extend("inputs", before + rows);
  file.extend("outputs", before + rows);
  file.write("inputs", inputs_.data(), {{before, 0}, {rows, in}});
  file.write("outputs", outputs_.data(), {{before, 0}, {rows, out}});
  file.flush();  // the rows before the number that counts them
  file.set_attribute("", "points", points_);
  file.set_attribute("", "cost_core_s", cost_core_s_);
  file.flush();
}

}  // namespace understudy::surrogates
