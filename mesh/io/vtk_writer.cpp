#include "mesh/io/vtk_writer.hpp"

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "mesh/io/corner_values.hpp"
#include "mesh/io/vtk_image.hpp"
#include "mesh/io/vtk_sphere.hpp"

namespace understudy::mesh {

namespace fs = std::filesystem;
using core::UserError;

namespace {

std::string stem(const std::string& name, std::size_t index) {
  return core::format("{}_{:06}", name, index);
}

/// Runs `action` on this rank; its error is thrown on all.
template <class Action>
void together(const core::Comm& comm, const Action& action) {
  std::string error;
  try {
    action();
  } catch (const UserError& e) {
    error = e.what();
  }
  comm.throw_on_all_ranks<UserError>(error);
}

/// How a kind of grid is written.
struct Format {
  std::string extension;  ///< of a piece; with a p before it, of the header over all ranks' pieces
  std::function<std::string()> piece;
  std::function<std::string(const std::function<std::string(int)>&)> header;
};

template <class Real>
Format format_on(const CubedSphereGrid& grid, const std::vector<CellField<Real>>& fields,
                 const vtk::Moment& moment) {
  return {"vtu", [&grid, &fields, moment] { return vtk::piece(grid, fields, moment); },
          [&grid, &fields](const std::function<std::string(int)>& file_of) {
            return vtk::parallel_header(grid, fields, file_of);
          }};
}

// Collective where the values are to stand at points.
template <class Real>
Format format_on(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                 const vtk::Moment& moment, VtkData data) {
  std::shared_ptr<const vtk::Corners<Real>> corners;
  if (data == VtkData::points)
    corners = std::make_shared<const vtk::Corners<Real>>(corner_values(grid, fields));
  return {
      "vti",
      [&grid, &fields, moment, corners] { return vtk::piece(grid, fields, moment, corners.get()); },
      [&grid, &fields,
       points = corners != nullptr](const std::function<std::string(int)>& file_of) {
        return vtk::parallel_header(grid, fields, file_of, points);
      }};
}

template <class Real>
Format format_for(const Grid& grid, const std::vector<CellField<Real>>& fields,
                  const vtk::Moment& moment, VtkData data) {
  if (const auto* sphere = dynamic_cast<const CubedSphereGrid*>(&grid)) {
    if (data == VtkData::points)
      throw UserError("values at points need a box; those of a sphere stand in its cells");
    return format_on(*sphere, fields, moment);
  }
  return format_on(as_box(grid, "a series of .vti files"), fields, moment, data);
}

/// The value of an XML attribute in a line of the index; empty if it has none.
std::string value_of(const std::string& line, const std::string& attribute) {
  const std::string start = " " + attribute + "=\"";
  const auto at = line.find(start);
  if (at == std::string::npos) return {};
  const auto begin = at + start.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

VtkSeries::VtkSeries(fs::path directory, std::string name, VtkData data)
    : directory_(std::move(directory)), name_(std::move(name)), data_(data) {}

template <class Real>
void VtkSeries::write(double time_s, const Grid& grid, const std::vector<CellField<Real>>& fields,
                      const std::map<std::string, double>& scalars) {
  const core::ScopedTimer region("vtk");
  const Format format = format_for(grid, fields, vtk::Moment{time_s, scalars}, data_);
  const core::Comm& comm = grid.comm();
  const std::string folder = name_, step = stem(name_, entries_.size());
  const bool one = comm.size() == 1;
  const auto file_of = [&](int rank) {
    return one ? step + "." + format.extension
               : core::format("{}_r{:04}.{}", step, rank, format.extension);
  };
  const std::string whole = step + (one ? "." : ".p") + format.extension;
  const fs::path mine = directory_ / folder / file_of(comm.rank());
  entries_.emplace_back(time_s, folder + "/" + whole);
  try {
    together(comm, [&] { core::write_file(mine, format.piece()); });
    together(comm, [&] {
      if (!comm.is_root()) return;
      if (!one) core::write_file(directory_ / folder / whole, format.header(file_of));
      write_index();
    });
  } catch (const UserError&) {  // another rank's piece may have found room: leave no part of a time
    std::error_code ignored;
    entries_.pop_back();
    fs::remove(mine, ignored);
    if (comm.is_root() && !one) fs::remove(directory_ / folder / whole, ignored);
    throw;
  }
}

void VtkSeries::write_whole(double time_s, const core::Comm& comm, const std::string& extension,
                            const std::function<std::string()>& text) {
  const core::ScopedTimer region("vtk");
  const std::string file = name_ + "/" + stem(name_, entries_.size()) + "." + extension;
  entries_.emplace_back(time_s, file);
  try {
    comm.on_root<UserError>([&] {
      core::write_file(directory_ / file, text());
      write_index();
    });
  } catch (const UserError&) {
    entries_.pop_back();
    throw;
  }
}

void VtkSeries::write_index() const {
  std::string text =
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n"
      "  <Collection>\n";
  for (const auto& [time_s, file] : entries_)
    text += core::format("    <DataSet timestep=\"{}\" part=\"0\" file=\"{}\"/>\n", time_s, file);
  text += "  </Collection>\n</VTKFile>\n";
  core::write_file(directory_ / (name_ + ".pvd"), text);
}

void VtkSeries::truncate_after(double time_s) {
  entries_.clear();
  const fs::path index = directory_ / (name_ + ".pvd");
  std::error_code error;
  if (!fs::exists(index, error)) return;
  std::istringstream lines(core::read_file(index));
  const double last = time_s + 1e-9 * std::abs(time_s);  // times are sums of windows
  for (std::string line; std::getline(lines, line);) {
    const std::string time = value_of(line, "timestep"), file = value_of(line, "file");
    if (time.empty() || file.empty()) continue;
    char* end = nullptr;
    const double at = std::strtod(time.c_str(), &end);
    if (end == nullptr || *end != '\0')
      throw UserError(core::format("{}: '{}' is not a time; remove the file to begin a new series",
                                   index.string(), time));
    if (at <= last) entries_.emplace_back(at, file);
  }
}

template void VtkSeries::write(double, const Grid&, const std::vector<CellField<float>>&,
                               const std::map<std::string, double>&);
template void VtkSeries::write(double, const Grid&, const std::vector<CellField<double>>&,
                               const std::map<std::string, double>&);

}  // namespace understudy::mesh
