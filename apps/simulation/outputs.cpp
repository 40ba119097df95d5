#include "apps/simulation/outputs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/study/csv_series.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "mesh/io/netcdf_series.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "solvers/step_watch.hpp"

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

template <class Real>
solvers::Observer<Real> vtk_observer(const SimulationJob& job, double resumed_at_s) {
  const auto series = std::make_shared<mesh::VtkSeries>(job.out);
  if (resumed_at_s >= 0) series->truncate_after(resumed_at_s);
  return [series, derived = job.deck.output.derived](const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    series->write(event.state.time_s, event.state.grid(), shown_fields(event, derived),
                  shown_scalars(event));
  };
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
      const auto slice = picture_slice(event.state, quantity(event.state, event.stepper, name));
      job.comm.on_root<core::UserError>([&] {
        mesh::write_png(job.out / "pictures" / core::format("{}_{:06}.png", name, event.window),
                        slice, picture_style(job.deck.output, name));
      });
    }
  };
}

std::string column_of(const solvers::Diagnostic& d) {
  return d.unit.empty() || d.unit == "1" ? d.name : core::format("{} [{}]", d.name, d.unit);
}

std::vector<TimeSeries> without_samples(const std::vector<solvers::Diagnostic>& diagnostics) {
  std::vector<TimeSeries> series;
  append(series, 0, diagnostics);
  for (auto& s : series) {
    s.time_s.clear();
    s.value.clear();
  }
  return series;
}

// A row of diagnostics.csv: the time, then a value a series. What was not measured then is no sample.
void append_row(std::vector<TimeSeries>& series, const std::vector<double>& row) {
  for (std::size_t n = 0; n < series.size(); ++n) {
    if (std::isnan(row[n + 1])) continue;
    series[n].time_s.push_back(row[0]);
    series[n].value.push_back(row[n + 1]);
  }
}

// diagnostics.csv and the series of it: a row a window, and where the solver can be looked at between its
// steps a row each diagnostics_every_s.
template <class Real>
class DiagnosticsLog {
 public:
  DiagnosticsLog(const SimulationJob& job, double resumed_at_s, std::vector<TimeSeries>& series)
      : job_(job), series_(series), csv_(job.out / "diagnostics.csv", resumed_at_s) {}

  void at_window(const solvers::WindowEvent<Real>& event) {
    const bool surrogate = event.report.who == "surrogate";
    trust_ = event.report.trust;
    run_state_ = &event.state;
    last_s_ = event.state.time_s;
    write(event.state, event.stepper, surrogate);
  }

  // By multiples of the interval, so that a resumed run has the same rows.
  void at_step(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper) {
    if (&state != run_state_) return;
    const double every_s = job_.deck.time.diagnostics_every_s, window_s = job_.deck.time.window_s;
    const double windows = state.time_s / window_s;
    const bool at_end = std::abs(windows - std::round(windows)) < 1e-6;  // the window's own row
    const bool due =
        std::floor(state.time_s / every_s + 1e-6) > std::floor(last_s_ / every_s + 1e-6);
    if (at_end || !due) return;
    last_s_ = state.time_s;
    write(state, stepper, false);
  }
  /// The state that is advanced; others that the solver advances (gates') are passed over.
  void watch(const mesh::State<Real>& state) {
    run_state_ = &state;
    last_s_ = state.time_s;
  }

 private:
  void write(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper, bool surrogate) {
    const auto diagnostics = stepper.diagnostics(state);
    std::vector<std::string> columns{"time_s"};
    std::vector<double> row{state.time_s};
    for (const auto& d : diagnostics) {
      columns.push_back(column_of(d));
      row.push_back(d.value);
    }
    // Beside the diagnostics, not among them: who advanced to this row's time, and how far the surrogate
    // was to be trusted.
    if (job_.deck.swap.policy == "gate") {
      columns.insert(columns.end(), {"swap.surrogate", "swap.trust"});
      row.insert(row.end(), {surrogate ? 1.0 : 0.0, trust_});
    }
    job_.comm.on_root<core::UserError>([&] {
      if (!job_.deck.output.diagnostics) return;
      if (series_.empty() && !csv_.kept(columns).empty()) {
        series_ = without_samples(diagnostics);
        for (const auto& old : csv_.kept(columns)) append_row(series_, old);
      }
      csv_.write(columns, row);
    });
    append(series_, state.time_s, diagnostics);
  }

  const SimulationJob& job_;
  std::vector<TimeSeries>& series_;
  CsvSeries csv_;
  const mesh::State<Real>* run_state_ = nullptr;
  double last_s_ = 0, trust_ = 1;
};

template <class Real>
solvers::Observer<Real> diagnostics_observer(const SimulationJob& job, const RunWatch<Real>& run,
                                             std::vector<TimeSeries>& series) {
  const auto log = std::make_shared<DiagnosticsLog<Real>>(job, run.resumed_at_s, series);
  log->watch(run.state);
  if (job.deck.time.diagnostics_every_s > 0) {
    auto* steps = dynamic_cast<solvers::StepWatch<Real>*>(&run.truth);
    if (steps)
      steps->watch_steps([log, &truth = run.truth](const mesh::State<Real>& state) {
        log->at_step(state, truth);
      });
    else
      core::log::warn(
          "time.diagnostics_every_s: this solver is not looked at within windows; diagnostics have "
          "a row a window");
  }
  return [log](const solvers::WindowEvent<Real>& event) { log->at_window(event); };
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
mesh::Slice picture_slice(const mesh::State<Real>& state, const mesh::CellField<Real>& field) {
  const mesh::Grid& grid = state.grid();
  mesh::Slice slice = mesh::gather_picture(grid, field.data);
  if (!state.has("mask")) return slice;
  const mesh::Slice mask = mesh::gather_picture(grid, state["mask"].component());
  for (std::size_t n = 0; n < slice.values.size(); ++n)
    if (mask.values[n] < 0.5) slice.values[n] = std::numeric_limits<double>::quiet_NaN();
  return slice;
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

template <class Real>
void read_series(const SimulationJob& job, solvers::Stepper<Real>& stepper,
                 const mesh::State<Real>& state, std::vector<TimeSeries>& series) {
  const auto diagnostics = stepper.diagnostics(state);  // their names; the values are in the file
  job.comm.on_root<core::UserError>([&] {
    const auto path = job.out / "diagnostics.csv";
    std::error_code none;
    if (!std::filesystem::exists(path, none)) return;
    const CsvTable table = read_csv(path);
    std::vector<std::size_t> places{0};
    for (const auto& d : diagnostics)
      places.push_back(
          std::size_t(std::ranges::find(table.columns, column_of(d)) - table.columns.begin()));
    series = without_samples(diagnostics);
    for (const auto& cells : table.rows) {
      std::vector<double> row;
      for (const auto place : places)
        row.push_back(place < cells.size() ? cells[place]
                                           : std::numeric_limits<double>::quiet_NaN());
      if (row.front() <= state.time_s * (1 + 1e-12)) append_row(series, row);
    }
  });
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
template mesh::Slice picture_slice(const mesh::State<float>&, const mesh::CellField<float>&);
template mesh::Slice picture_slice(const mesh::State<double>&, const mesh::CellField<double>&);
template std::vector<solvers::Observer<float>> make_observers(const SimulationJob&,
                                                              const RunWatch<float>&,
                                                              std::vector<TimeSeries>&);
template std::vector<solvers::Observer<double>> make_observers(const SimulationJob&,
                                                               const RunWatch<double>&,
                                                               std::vector<TimeSeries>&);
template void read_series(const SimulationJob&, solvers::Stepper<float>&, const mesh::State<float>&,
                          std::vector<TimeSeries>&);
template void read_series(const SimulationJob&, solvers::Stepper<double>&,
                          const mesh::State<double>&, std::vector<TimeSeries>&);

}  // namespace understudy::apps
