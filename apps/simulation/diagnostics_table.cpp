#include "apps/simulation/diagnostics_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/study/csv_series.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "solvers/more_diagnostics.hpp"
#include "solvers/step_watch.hpp"

namespace understudy::apps {

namespace {

// What a run's table has of a state.
template <class Real>
std::vector<solvers::Diagnostic> all_diagnostics(solvers::Stepper<Real>& stepper,
                                                 solvers::Stepper<Real>& truth,
                                                 const mesh::State<Real>& state) {
  auto all = stepper.diagnostics(state);
  if (auto* more = dynamic_cast<solvers::MoreDiagnostics<Real>*>(&truth))
    for (auto& one : more->more_diagnostics(state)) all.push_back(std::move(one));
  return all;
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
  DiagnosticsLog(const SimulationJob& job, const RunWatch<Real>& run,
                 std::vector<TimeSeries>& series)
      : job_(job),
        truth_(run.truth),
        series_(series),
        csv_(job.out / "diagnostics.csv", run.resumed_at_s),
        run_state_(&run.state),
        last_s_(run.state.time_s) {}

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

 private:
  void write(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper, bool surrogate) {
    const auto diagnostics = all_diagnostics(stepper, truth_, state);
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
  solvers::Stepper<Real>& truth_;
  std::vector<TimeSeries>& series_;
  CsvSeries csv_;
  const mesh::State<Real>*
      run_state_;  ///< others that the solver advances (gates') are passed over
  double last_s_, trust_ = 1;
};

}  // namespace

template <class Real>
solvers::Observer<Real> diagnostics_observer(const SimulationJob& job, const RunWatch<Real>& run,
                                             std::vector<TimeSeries>& series) {
  const auto log = std::make_shared<DiagnosticsLog<Real>>(job, run, series);
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

template <class Real>
void read_series(const SimulationJob& job, solvers::Stepper<Real>& truth,
                 const mesh::State<Real>& state, std::vector<TimeSeries>& series) {
  const auto diagnostics =
      all_diagnostics(truth, truth, state);  // their names; the values are in the file
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

template solvers::Observer<float> diagnostics_observer(const SimulationJob&, const RunWatch<float>&,
                                                       std::vector<TimeSeries>&);
template solvers::Observer<double> diagnostics_observer(const SimulationJob&,
                                                        const RunWatch<double>&,
                                                        std::vector<TimeSeries>&);
template void read_series(const SimulationJob&, solvers::Stepper<float>&, const mesh::State<float>&,
                          std::vector<TimeSeries>&);
template void read_series(const SimulationJob&, solvers::Stepper<double>&,
                          const mesh::State<double>&, std::vector<TimeSeries>&);

}  // namespace understudy::apps
