#include "mesh/io/vtkhdf_series.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "mesh/io/vtkhdf_steps.hpp"

namespace understudy::mesh {

namespace fs = std::filesystem;
using core::UserError;
using vtkhdf::ArrayInfo;
using vtkhdf::Step;

namespace {

constexpr const char* format_name = "understudy series";
constexpr const char* shown_table = "VTKHDF/Steps";
constexpr std::uint64_t rows_a_chunk = 1024;  // of what has one number a step
const std::string all_steps = "series/all/", field_data = "VTKHDF/FieldData/";

std::string table(int n) { return core::format("series/times_{}", n); }

H5Layout column() {
  H5Layout layout;
  layout.chunk = {rows_a_chunk};
  layout.extendable_first = true;
  return layout;
}

// --- structure -----------------------------------------------------------------------------------

std::vector<long long> whole_extent(const BoxGrid& grid) {
  std::vector<long long> extent(6, 0);
  for (int axis = 0; axis < grid.dimension(); ++axis)
    extent[std::size_t(2 * axis + 1)] = grid.global_cells(axis);
  return extent;
}

std::map<std::string, std::vector<double>> image_place(const BoxGrid& grid) {
  return {{"Origin", {grid.lower(0), grid.lower(1), grid.lower(2)}},
          {"Spacing", {grid.spacing(0), grid.spacing(1), grid.spacing(2)}},
          {"Direction", {1, 0, 0, 0, 1, 0, 0, 0, 1}}};
}

template <class Real>
void define_arrays(Hdf5File& file, const Step<Real>& step, int compression) {
  H5Layout layout;
  layout.extendable_first = true;
  layout.deflate = compression;
  for (const ArrayInfo& array : step.arrays()) {
    const H5Shape row = step.shape(array);
    H5Shape rows{0};
    rows.insert(rows.end(), row.begin(), row.end());
    file.create_dataset<Real>(all_steps + array.name, rows, layout);
    file.set_attribute(all_steps + array.name, "unit", array.unit);
    file.create_view("series/first/" + array.name, h5_type<Real>(), all_steps + array.name, row);
    file.link("series/offsets/" + step.place() + "/" + array.name, "series/index");
    file.put_ascii(field_data + "unit:" + array.name, array.unit);
  }
}

/// A file without steps. One rank.
template <class Real>
void define(const fs::path& path, const Step<Real>& step, int compression) {
  Hdf5File file(path, H5Mode::create_growing, core::Comm::self());
  constexpr unsigned room = 2048;  // links and attributes in one block, which is written as a whole
  file.create_group("VTKHDF", room);
  file.set_attribute("VTKHDF", "Version", std::vector<long long>{2, 0});
  file.set_ascii_attribute("VTKHDF", "Type", "ImageData");
  file.set_attribute("VTKHDF", "WholeExtent", whole_extent(step.grid()));
  for (const auto& [name, values] : image_place(step.grid()))
    file.set_attribute("VTKHDF", name, values);
  file.create_group("series");
  file.set_attribute("series", "format", format_name);
  file.create_dataset<std::int64_t>("series/index", {0}, column());
  define_arrays(file, step, compression);
  for (const auto& [name, value] : step.numbers()) {
    file.create_dataset<double>(field_data + name, {0}, column());
    file.link("series/offsets/FieldData/" + name, "series/index");
  }
  for (int n : {0, 1}) {
    file.create_group(table(n));
    file.create_dataset<double>(table(n) + "/Values", {0}, column());
    for (const std::string& place : {step.place(), std::string("FieldData")})
      file.link(core::format("{}/{}Offsets", table(n), place), "series/offsets/" + place);
  }
  file.close();
}

/// Was the file made for such steps?
template <class Real>
bool fits(const Hdf5File& file, const Step<Real>& step) {
  std::vector<std::string> arrays;
  bool same = true;
  for (const ArrayInfo& array : step.arrays()) {
    arrays.push_back(array.name);
    if (!file.exists(all_steps + array.name)) return false;
    H5Info info = file.info(all_steps + array.name);
    if (!info.shape.empty()) info.shape.erase(info.shape.begin());
    same = same && info.shape == step.shape(array) &&
           info.type == (sizeof(Real) == 8 ? "float64" : "float32");
  }
  std::ranges::sort(arrays);
  same =
      same && file.children("series/all") == arrays &&
      file.exists("series/offsets/" + step.place()) &&
      file.attribute<std::vector<long long>>("VTKHDF", "WholeExtent") == whole_extent(step.grid());
  for (const auto& [name, values] : image_place(step.grid()))
    same = same && file.attribute<std::vector<double>>("VTKHDF", name) == values;
  for (const auto& [name, value] : step.numbers()) same = same && file.exists(field_data + name);
  return same;
}

/// The compression that a file which fits was begun with, and keeps; a warning where another one is wanted.
template <class Real>
int kept_compression(const Hdf5File& file, const Step<Real>& step, int wanted) {
  const int found = file.info(all_steps + step.arrays().front().name).deflate;
  if (found == wanted || !step.grid().comm().is_root()) return found;
  core::log::warn(
      "{} goes on as it was begun, with output.compression: {}; {} is for a new file (h5repack -f {} "
      "changes one that is there)",
      file.path().string(), found, wanted,
      wanted > 0 ? core::format("GZIP={}", wanted) : std::string("NONE"));
  return found;
}

// --- steps ---------------------------------------------------------------------------------------

template <class T>
void put_row(Hdf5File& file, const std::string& dataset, std::uint64_t n, const T* values,
             const H5Block& block) {
  if (file.shape(dataset).front() <= n) file.extend(dataset, n + 1);
  file.write(dataset, values, block);
}

template <class T>
void put_number(Hdf5File& file, const std::string& dataset, std::uint64_t n, T value, bool root) {
  put_row(file, dataset, n, &value, root ? H5Block{{n}, {1}} : H5Block::none());
}

/// The values of a step as row `n`, which is not shown yet.
template <class Real>
void put_step(Hdf5File& file, const Step<Real>& step, std::uint64_t n) {
  const bool root = step.grid().comm().is_root();
  for (const ArrayInfo& array : step.arrays())
    put_row(file, all_steps + array.name, n, step.values(array).data(), step.block(array, n));
  for (const auto& [name, value] : step.numbers())
    put_number(file, field_data + name, n, value, root);
  put_number(file, "series/index", n, std::int64_t(n), root);
}

/// Makes VTK see the first steps, as many as there are times: first the table that is not shown, then the links.
void show(Hdf5File& file, const std::vector<double>& times, const std::string& place, bool root) {
  const bool series = times.size() > 1;
  std::string hidden = table(0);
  if (file.link_target(shown_table) == hidden) hidden = table(1);
  if (series) {
    file.extend(hidden + "/Values", times.size());
    file.write(hidden + "/Values", times.data(),
               root ? H5Block{{0}, {times.size()}} : H5Block::none());
    file.set_attribute(hidden, "NSteps", static_cast<long long>(times.size()));
  }
  file.flush();
  if (series)
    file.link(shown_table, hidden);
  else
    file.unlink(shown_table);
  file.link("VTKHDF/" + place, series ? "series/all" : "series/first");
  file.flush();
}

/// Row `n` of another file that fits. Row by row: no rank holds more than its block of one.
template <class Real>
void copy_step(Hdf5File& file, const Hdf5File& from, const Step<Real>& step, std::uint64_t n) {
  for (const ArrayInfo& array : step.arrays()) {
    const H5Block mine = step.block(array, n);
    std::size_t count = 1;
    for (const auto length : mine.count) count *= length;
    std::vector<Real> values(count);
    from.read(all_steps + array.name, values.data(), mine);
    put_row(file, all_steps + array.name, n, values.data(), mine);
  }
  const bool root = step.grid().comm().is_root();
  for (const auto& [name, unused] : step.numbers()) {
    double value = 0;
    from.read(field_data + name, &value, H5Block{{n}, {1}});
    put_number(file, field_data + name, n, value, root);
  }
  put_number(file, "series/index", n, std::int64_t(n), root);
}

/// A new file with the first steps of the one that is there, as many as there are times, and that one, in its
/// place.
template <class Real>
void begin(const fs::path& path, const Step<Real>& step, int compression,
           std::vector<double> times) {
  const core::Comm& comm = step.grid().comm();
  put_in_place(path, comm, [&](const fs::path& temporary) {
    comm.on_root<UserError>([&] { define(temporary, step, compression); });
    Hdf5File file(temporary, H5Mode::update, comm);
    if (!times.empty()) {
      const Hdf5File old(path, H5Mode::read, comm);
      for (std::size_t n = 0; n < times.size(); ++n) copy_step(file, old, step, n);
    }
    put_step(file, step, times.size());
    times.push_back(step.numbers().at("TimeValue"));
    show(file, times, step.place(), comm.is_root());
    file.close();
  });
}

/// Appends the step behind those of `times`; further ones that the file has are no longer shown.
template <class Real>
void append(const fs::path& path, const Step<Real>& step, std::vector<double> times) {
  const core::Comm& comm = step.grid().comm();
  const std::uint64_t n = times.size();
  {  // a file of its own: what is flushed to the disk is cut to what it uses, reserved bytes too
    Hdf5File file(path, H5Mode::update, comm);
    if (file.shape("series/index").front() > n) show(file, times, step.place(), comm.is_root());
    file.close();
  }
  reserve_beyond_end(path, step.bytes(), comm);
  Hdf5File file(path, H5Mode::update, comm);
  put_step(file, step, n);
  times.push_back(step.numbers().at("TimeValue"));
  show(file, times, step.place(), comm.is_root());
  file.close();
}

// Times of the steps that the file shows.
std::vector<double> shown_times(const Hdf5File& file) {
  if (!file.exists("series") || file.text_attribute("series", "format") != format_name)
    throw UserError(core::format("{}: an HDF5 file, but not a series that this program wrote",
                                 file.path().string()));
  const long long steps =
      file.exists(shown_table) ? file.attribute<long long>(shown_table, "NSteps") : 1;
  auto times = file.get<double>(field_data + "TimeValue");
  if (steps < 1 || std::size_t(steps) > times.size())
    throw UserError(core::format("{}: it is damaged: it names {} steps and has {} times",
                                 file.path().string(), steps, times.size()));
  times.resize(std::size_t(steps));
  return times;
}

}  // namespace

VtkHdfSeries::VtkHdfSeries(fs::path path, VtkData data, int compression)
    : path_(std::move(path)), data_(data), compression_(compression) {}

template <class Real>
void VtkHdfSeries::write(double time_s, const Grid& grid,
                         const std::vector<CellField<Real>>& fields,
                         const std::map<std::string, double>& scalars) {
  const core::ScopedTimer region("vtk");
  const Step<Real> step(time_s, as_box(grid, "a .vtkhdf file"), fields, data_, scalars);
  bool anew = times_.empty();
  int compression = compression_;
  if (std::exchange(unseen_, false) && !times_.empty()) {
    // HDF5 may not know all that it had begun to write.
    anew = Hdf5File::unfinished(path_, grid.comm());
    bool same = false;
    {
      const Hdf5File file(path_, H5Mode::read, grid.comm());
      same = fits(file, step);
      if (same) compression = kept_compression(file, step, compression_);
    }
    if (!same) {
      times_.clear();
      grid.comm().template on_root<UserError>([&] {
        const auto aside = core::set_aside(path_);
        core::log::warn("{} has other fields, or is of another grid. It is kept as {}",
                        path_.string(), aside.filename().string());
      });
    }
  }
  if (anew || times_.empty())
    begin(path_, step, compression, times_);
  else
    append(path_, step, times_);
  times_.push_back(time_s);
}

void VtkHdfSeries::resume_after(double time_s, const core::Comm& comm) {
  times_.clear();
  std::error_code none;
  long long there = comm.is_root() && fs::exists(path_, none) ? 1 : 0;
  if (comm.max(there) == 0) return;
  try {
    times_ = shown_times(Hdf5File(path_, H5Mode::read, comm));
  } catch (const UserError& error) {
    throw UserError(core::format("{}; remove the file to begin a new series", error.what()));
  }
  const double last = time_s + 1e-9 * std::abs(time_s);  // times are sums of windows
  const auto later = std::ranges::find_if(times_, [&](double t) { return t > last; });
  times_.erase(later, times_.end());
  unseen_ = true;
}

template void VtkHdfSeries::write(double, const Grid&, const std::vector<CellField<float>>&,
                                  const std::map<std::string, double>&);
template void VtkHdfSeries::write(double, const Grid&, const std::vector<CellField<double>>&,
                                  const std::map<std::string, double>&);

}  // namespace understudy::mesh
