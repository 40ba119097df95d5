#include "solvers/seismic/earth/segy_model.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "solvers/seismic/earth/model_geometry.hpp"

namespace understudy::solvers::seismic {

namespace {

using mesh::SegyFile;
using mesh::SegyTrace;

// Millimetres, or metres where these are too many.
int interval_of(const ModelGeometry& g) {
  const double height_m = g.spacing_m[g.vertical()];
  return mesh::segy_whole(height_m * 1e3 <= 65535 ? height_m * 1e3 : height_m,
                          "the height of a cell", height_m * 1e3 <= 65535 ? "mm" : "m");
}

std::vector<double> centres(const ModelGeometry& g) {
  std::vector<double> x;
  for (int i = 0; i < g.cells[0]; ++i) x.push_back(g.x(i));
  return x;
}

void require_size(const std::string& path, const SegyFile& file, const ModelGeometry& g) {
  const std::size_t traces = file.traces.size(), samples = file.traces.front().samples.size();
  const auto columns = static_cast<std::size_t>(g.cells[0]),
             rows = static_cast<std::size_t>(g.rows());
  if (traces != columns || samples != rows)
    throw core::UserError(
        core::format("{}: has {} traces of {} samples, but the grid wants {} (x) of {} (depth){}",
                     path, traces, samples, columns, rows,
                     traces == rows && samples == columns ? "; are its traces along depth?" : ""));
  const double height_m = g.spacing_m[g.vertical()], interval = file.interval;
  const auto is = [&](double wanted) { return std::abs(interval - wanted) <= 1e-6 * wanted + 0.5; };
  if (!is(height_m * 1e3) && std::abs(interval - height_m) > 1e-6 * height_m)
    throw core::UserError(core::format(
        "{}: its samples are {} mm apart (or m; bytes 3217-3218), but the grid's cells are "
        "{:.10g} m high",
        path, file.interval, height_m));
}

// Of the place that the file uses; empty: it has none.
std::vector<double> trace_x(const SegyFile& file) {
  for (const auto place : {+[](const SegyTrace& t) { return t.middle[0]; },
                           +[](const SegyTrace& t) { return t.source[0]; },
                           +[](const SegyTrace& t) { return t.receiver[0]; }}) {
    std::vector<double> x;
    for (const SegyTrace& trace : file.traces) x.push_back(place(trace));
    if (std::ranges::any_of(x, [](double v) { return v != 0; })) return x;
  }
  return {};
}

void require_spacing(const std::string& path, const SegyFile& file, const ModelGeometry& g) {
  const auto x = trace_x(file);
  if (x.empty() && file.traces.size() > 1)
    core::log::warn("{}: its traces have no x: their spacing is taken to be the grid's, {:.6g} m",
                    path, g.spacing_m[0]);
  const double step = file.traces.front().coordinate_step_m + 1e-9 * g.spacing_m[0];
  for (std::size_t n = 1; n < x.size(); ++n) {
    const double wanted = x[0] + double(n) * g.spacing_m[0];
    if (std::abs(x[n] - wanted) > step)
      throw core::UserError(core::format(
          "{}: trace {} is at x {:.10g} m and trace 1 at {:.10g} m, but cells of {:.10g} m put it "
          "at {:.10g} m; traces go with x, one a cell of the grid",
          path, n + 1, x[n], x[0], g.spacing_m[0], wanted));
  }
}

void require_plane(const mesh::GridParams& grid, const std::string& what) {
  if (grid.dimension() != 2)
    throw core::UserError(
        what + ": SEG-Y models are sections, for grids of two axes; this grid has three");
}

}  // namespace

std::vector<double> read_segy_model(const std::filesystem::path& path,
                                    const mesh::GridParams& grid) {
  require_plane(grid, path.string());
  const ModelGeometry g(grid);
  const SegyFile file = mesh::read_segy(path);
  require_size(path.string(), file, g);
  require_spacing(path.string(), file, g);
  const auto columns = static_cast<std::size_t>(g.cells[0]),
             rows = static_cast<std::size_t>(g.rows());
  std::vector<double> values(columns * rows);
  for (std::size_t i = 0; i < columns; ++i)
    for (std::size_t depth = 0; depth < rows; ++depth)
      values[(rows - 1 - depth) * columns + i] = file.traces[i].samples[depth];
  return values;
}

void require_segy_grid(const mesh::GridParams& grid) {
  require_plane(grid, "output.models: segy");
  try {
    const ModelGeometry g(grid);
    interval_of(g);
    mesh::segy_whole(g.rows(), "the number of cells along depth", "(grid.cells)");
    mesh::segy_divisor(centres(g), "the centre of a cell");
  } catch (const core::UserError& e) {
    throw core::UserError(std::string("output.models: segy: ") + e.what() +
                          " (output.models: hdf5 holds any)");
  }
}

void write_segy_model(const std::filesystem::path& path, const std::vector<double>& values,
                      const std::string& what, const std::string& unit,
                      const mesh::GridParams& grid, mesh::SegyNumbers numbers) {
  require_segy_grid(grid);
  const ModelGeometry g(grid);
  const auto columns = static_cast<std::size_t>(g.cells[0]),
             rows = static_cast<std::size_t>(g.rows());
  SegyFile file;
  file.interval = interval_of(g);
  file.numbers = numbers;
  file.text = {
      core::format("SECTION IN DEPTH, {} IN {}", what, unit),
      core::format("{} TRACES ALONG X, {} SAMPLES DOWN FROM THE SURFACE, AT CENTRES OF CELLS",
                   columns, rows),
      core::format("CELLS {:.10g} M WIDE (X IN BYTES 181-184) AND {:.10g} M HIGH", g.spacing_m[0],
                   g.spacing_m[1]),
      core::format("SAMPLE INTERVAL (BYTES 3217-3218): THAT HEIGHT IN {}",
                   g.spacing_m[1] * 1e3 <= 65535 ? "MM" : "M")};
  for (std::size_t i = 0; i < columns; ++i) {
    SegyTrace& trace = file.traces.emplace_back();
    trace.record = 1;
    trace.number = trace.ensemble = static_cast<int>(i) + 1;
    trace.kind = mesh::segy_code::other;
    trace.unit = unit == "m/s" ? mesh::segy_code::metre_per_second : mesh::segy_code::other;
    trace.middle = {g.x(static_cast<int>(i)), 0};
    trace.source[0] = trace.receiver[0] = trace.middle[0];
    for (std::size_t depth = 0; depth < rows; ++depth)
      trace.samples.push_back(values[(rows - 1 - depth) * columns + i]);
  }
  mesh::write_segy(path, file);
}

}  // namespace understudy::solvers::seismic
