#include "mesh/io/vtk_writer.hpp"

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "mesh/io/vtk_image.hpp"

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

/// The value of an XML attribute in a line of the index; empty if it has none.
std::string value_of(const std::string& line, const std::string& attribute) {
  const std::string start = " " + attribute + "=\"";
  const auto at = line.find(start);
  if (at == std::string::npos) return {};
  const auto begin = at + start.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

VtkSeries::VtkSeries(fs::path directory, std::string name)
    : directory_(std::move(directory)), name_(std::move(name)) {}

template <class Real>
void VtkSeries::write(double time_s, const Grid& any_grid,
                      const std::vector<CellField<Real>>& fields,
                      const std::map<std::string, double>& scalars) {
  const BoxGrid& grid = as_box(any_grid, "a series of .vti files");
  const core::ScopedTimer region("vtk");
  const core::Comm& comm = grid.comm();
  const std::string folder = name_, step = stem(name_, entries_.size());
  const bool one = comm.size() == 1;
  const auto file_of = [&](int rank) {
    return one ? step + ".vti" : core::format("{}_r{:04}.vti", step, rank);
  };
  const fs::path mine = directory_ / folder / file_of(comm.rank());
  entries_.emplace_back(time_s, folder + "/" + step + (one ? ".vti" : ".pvti"));
  try {
    together(comm, [&] { core::write_file(mine, vtk::piece(grid, fields, {time_s, scalars})); });
    together(comm, [&] {
      if (!comm.is_root()) return;
      if (!one)
        core::write_file(directory_ / folder / (step + ".pvti"),
                         vtk::parallel_header(grid, fields, file_of));
      write_index();
    });
  } catch (const UserError&) {  // another rank's piece may have found room: leave no part of a time
    std::error_code ignored;
    entries_.pop_back();
    fs::remove(mine, ignored);
    if (comm.is_root() && !one) fs::remove(directory_ / folder / (step + ".pvti"), ignored);
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
