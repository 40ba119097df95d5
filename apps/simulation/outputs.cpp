#include "apps/simulation/outputs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/simulation/diagnostics_table.hpp"
#include "apps/study/csv_series.hpp"
#include "apps/study/paraview_script.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "mesh/io/netcdf_series.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "mesh/io/vtkhdf_series.hpp"

namespace understudy::apps {

namespace {

// What a series of files shows of an event.
template <class Real>
std::vector<mesh::CellField<Real>> shown_fields(const solvers::WindowEvent<Real>& event,
                                                const std::vector<std::string>& derived) {
  auto fields = mesh::cell_fields(event.state);
  for (const auto& name : derived) fields.push_back(event.stepper.derive(event.state, name));
  return fields;
}

template <class Real>
std::map<std::string, double> shown_scalars(const solvers::WindowEvent<Real>& event) {
  return {{"surrogate", event.report.who == "surrogate" ? 1.0 : 0.0},
          {"trust", event.report.trust}};
}

// `file`: what of the series ParaView opens.
template <class Real, class Series>
solvers::Observer<Real> series_observer(const SimulationJob& job, std::shared_ptr<Series> series,
                                        const std::string& file) {
  return [series, file, &job](const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    const mesh::Grid& grid = event.state.grid();
    const auto fields = shown_fields(event, job.deck.output.derived);
    series->write(event.state.time_s, grid, fields, shown_scalars(event));
    const bool points = job.deck.output.vtk_place() == mesh::VtkData::points;
    grid.comm().template on_root<core::UserError>([&] {
      write_paraview_script(job.out, {main_view(file, fields, grid.dimension(), points),
                                      {.file = "surface.pvd", .kind = ParaviewKind::body}});
    });
  };
}

template <class Real>
solvers::Observer<Real> vtk_observer(const SimulationJob& job, double resumed_at_s) {
  const OutputParams& output = job.deck.output;
  if (output.format == "vtkhdf") {
    const auto series = std::make_shared<mesh::VtkHdfSeries>(
        job.out / "fields.vtkhdf", output.vtk_place(), int(output.compression));
    if (resumed_at_s >= 0) series->resume_after(resumed_at_s, job.comm);
    return series_observer<Real>(job, series, "fields.vtkhdf");
  }
  const auto series = std::make_shared<mesh::VtkSeries>(job.out, "fields", output.vtk_place());
  if (resumed_at_s >= 0) series->truncate_after(resumed_at_s);
  return series_observer<Real>(job, series, "fields.pvd");
}

template <class Real>
solvers::Observer<Real> netcdf_observer(const SimulationJob& job, const RunWatch<Real>& run) {
  const auto series = std::make_shared<mesh::NetcdfSeries>(
      job.out / "fields.nc",
      mesh::NetcdfInfo{.title = job.deck.name,
                       .source = core::format("Understudy {} ({}), app {}", job.provenance.version,
                                              job.provenance.git, job.deck.app),
                       .latitudes = int(job.deck.output.latitudes)},
      run.state.shared_grid());
  if (run.resumed_at_s >= 0) series->resume_after(run.resumed_at_s);
  return [series, derived = job.deck.output.derived](const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    series->write(event.state.time_s, shown_fields(event, derived), shown_scalars(event));
  };
}

template <class Real>
solvers::Observer<Real> picture_observer(const SimulationJob& job, double resumed_at_s) {
  const auto times = std::make_shared<CsvSeries>(job.out / "pictures" / "times.csv", resumed_at_s);
  return [&job, times](const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    job.comm.on_root<core::UserError>(
        [&] { times->write({"time_s", "window"}, {event.state.time_s, double(event.window)}); });
    for (const auto& name : job.deck.output.pictures) {
      const auto field = quantity(event.state, event.stepper, name);
      for (const auto& slice : picture_slices(event.state, field))
        job.comm.on_root<core::UserError>([&] {
          const auto file = core::format("{}_{:06}.png", picture_name(name, slice), event.window);
          mesh::write_png(job.out / "pictures" / file, slice, picture_style(job.deck.output, name));
        });
    }
  };
}

}  // namespace

template <class Real>
std::vector<std::string> names_of(const mesh::State<Real>& state,
                                  const solvers::Stepper<Real>& stepper) {
  std::vector<std::string> names;
  for (const auto& field : state.fields()) {
    if (field.info.role == mesh::Role::history) continue;
    for (int c = 0; c < field.info.components; ++c)
      names.push_back(field.info.components == 1 ? field.info.name
                                                 : core::format("{}_{}", field.info.name, c));
  }
  for (auto& name : stepper.derived_names()) names.push_back(name);
  return names;
}

template <class Real>
mesh::CellField<Real> quantity(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper,
                               const std::string& name) {
  for (auto& field : mesh::cell_fields(state))
    if (field.name == name) return field;
  require_quantities(state, stepper, {name}, "");
  return stepper.derive(state, name);
}

template <class Real>
void require_quantities(const mesh::State<Real>& state, const solvers::Stepper<Real>& stepper,
                        const std::vector<std::string>& names, const std::string& key) {
  require_names_among(names_of(state, stepper), names, key);
}

void require_names_among(const std::vector<std::string>& known,
                         const std::vector<std::string>& names, const std::string& key) {
  for (const auto& name : names)
    if (std::ranges::find(known, name) == known.end())
      throw core::UserError(
          core::format("{}{}'{}' is neither a field nor a derived quantity of this "
                       "run; there are {}",
                       key, key.empty() ? "" : ": ", name, core::joined(known)));
}

template <class Real>
std::vector<mesh::Slice> picture_slices(const mesh::State<Real>& state,
                                        const mesh::CellField<Real>& field) {
  const mesh::Grid& grid = state.grid();
  std::vector<mesh::Slice> slices;
  for (const int normal : mesh::picture_normals(grid)) {
    mesh::Slice& slice = slices.emplace_back(mesh::gather_picture(grid, field.data, normal));
    if (!state.has("mask")) continue;
    const mesh::Slice mask = mesh::gather_picture(grid, state["mask"].component(), normal);
    for (std::size_t n = 0; n < slice.values.size(); ++n)
      if (mask.values[n] < 0.5) slice.values[n] = std::numeric_limits<double>::quiet_NaN();
  }
  return slices;
}

std::string picture_name(const std::string& quantity, const mesh::Slice& slice) {
  if (!slice.of_volume) return quantity;
  const auto [across, up] = mesh::plane_axes(slice.normal);
  return core::format("{}_{}{}", quantity, "xyz"[across], "xyz"[up]);
}

std::string picture_plane(const mesh::Slice& slice) {
  return slice.of_volume ? core::format("middle of {}", "xyz"[slice.normal]) : "";
}

mesh::PictureStyle picture_style(const OutputParams& output, const std::string& name) {
  mesh::PictureStyle style;
  for (const auto& range : output.ranges)
    if (range.field == name) {
      style.lower = range.lower;
      style.upper = range.upper;
    }
  return style;
}

template <class Real>
std::vector<solvers::Observer<Real>> make_observers(const SimulationJob& job,
                                                    const RunWatch<Real>& run,
                                                    std::vector<TimeSeries>& series) {
  std::vector<solvers::Observer<Real>> observers;
  observers.push_back(diagnostics_observer<Real>(job, run, series));
  if (job.deck.output.vtk) observers.push_back(vtk_observer<Real>(job, run.resumed_at_s));
  if (job.deck.output.netcdf) observers.push_back(netcdf_observer<Real>(job, run));
  if (!job.deck.output.pictures.empty())
    observers.push_back(picture_observer<Real>(job, run.resumed_at_s));
  return observers;
}

template mesh::CellField<float> quantity(const mesh::State<float>&, solvers::Stepper<float>&,
                                         const std::string&);
template mesh::CellField<double> quantity(const mesh::State<double>&, solvers::Stepper<double>&,
                                          const std::string&);
template std::vector<std::string> names_of(const mesh::State<float>&,
                                           const solvers::Stepper<float>&);
template std::vector<std::string> names_of(const mesh::State<double>&,
                                           const solvers::Stepper<double>&);
template void require_quantities(const mesh::State<float>&, const solvers::Stepper<float>&,
                                 const std::vector<std::string>&, const std::string&);
template void require_quantities(const mesh::State<double>&, const solvers::Stepper<double>&,
                                 const std::vector<std::string>&, const std::string&);
template std::vector<mesh::Slice> picture_slices(const mesh::State<float>&,
                                                 const mesh::CellField<float>&);
template std::vector<mesh::Slice> picture_slices(const mesh::State<double>&,
                                                 const mesh::CellField<double>&);
template std::vector<solvers::Observer<float>> make_observers(const SimulationJob&,
                                                              const RunWatch<float>&,
                                                              std::vector<TimeSeries>&);
template std::vector<solvers::Observer<double>> make_observers(const SimulationJob&,
                                                               const RunWatch<double>&,
                                                               std::vector<TimeSeries>&);
}  // namespace understudy::apps
