#include "surrogates/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <format>
#include <memory>

#include "core/energy.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "solvers/run_loop.hpp"
#include "surrogates/spectrum.hpp"

namespace understudy::surrogates {

namespace {

// Sum of squares of a - b over the cells of all components; of a where b is the same view twice.
template <class Real>
double square_sum(const mesh::Grid& grid, const mesh::Field<Real>& a, const mesh::Field<Real>* b) {
  double total = 0;
  for (int c = 0; c < a.info.components; ++c) {
    const auto x = a.component(c);
    if (b) {
      const auto y = b->component(c);
      total += mesh::sum_cells(
          "difference", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
            const double d = static_cast<double>(x(k, j, i)) - static_cast<double>(y(k, j, i));
            return d * d;
          });
    } else {
      total += mesh::sum_cells(
          "norm", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
            return static_cast<double>(x(k, j, i)) * static_cast<double>(x(k, j, i));
          });
    }
  }
  return grid.comm().sum(total);
}

template <class Real>
double relative_error(const mesh::Field<Real>& of, const mesh::Field<Real>& truth,
                      const mesh::Grid& grid) {
  const double size = square_sum<Real>(grid, truth, nullptr);
  return size > 0 ? std::sqrt(square_sum(grid, of, &truth) / size) : 0;
}

template <class Real>
mesh::CellField<Real> quantity(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper,
                               const std::string& name) {
  for (auto& field : mesh::cell_fields(state))
    if (field.name == name) return field;
  return stepper.derive(state, name);
}

template <class Real>
class Comparing {
 public:
  explicit Comparing(const ComparisonSetup<Real>& setup)
      : s_(setup),
        grid_(setup.initial.grid()),
        truth_(setup.initial.clone()),
        replacement_(setup.initial.clone()) {}

  ComparisonResult run() {
    warm_up();
    r_.made_for_core_s = s_.made_for_core_s;
    r_.cores = s_.cores;
    for (const auto& field : truth_.fields())
      if (field.info.role == mesh::Role::prognostic)
        r_.errors.push_back({field.info.name, field.info.unit, {}, {}});
    record(0);
    core::Progress progress("compare", static_cast<double>(s_.windows), "windows");
    for (long long n = 1; n <= s_.windows && !r_.replacement_failed; ++n) {
      advance(n);
      if (!r_.replacement_failed) record(n);
      progress.update(static_cast<double>(n),
                      r_.errors.empty() ? ""
                                        : std::format("{} error {:.3g}", r_.errors[0].field,
                                                      r_.errors[0].final()));
    }
    long long accepted = 0;
    for (const WindowRecord& w : r_.windows) accepted += w.who == "surrogate";
    if (!r_.windows.empty())
      r_.accepted_fraction = static_cast<double>(accepted) / static_cast<double>(r_.windows.size());
    set_energy();
    set_speedups(r_);
    return std::move(r_);
  }

 private:
  // Both sides work on copies until allocations and caches are as they will be.
  void warm_up() {
    for (auto* stepper : {&s_.truth, &s_.replacement}) {
      auto copy = s_.initial.clone();
      for (int n = 0; n < s_.warm_up_windows; ++n) {
        const double start_s = copy.time_s;
        stepper->advance(copy, s_.window_s);
        copy.time_s = start_s + s_.window_s;
      }
    }
    Kokkos::fence("warmed up");
  }

  struct Timed {
    solvers::AdvanceReport report;
    double wall_s;
  };

  // Ranks that count nothing hold 0; what any of them could not read makes the sum unknown.
  void set_energy() {
    r_.energy_sources = meter_.sources();
    const auto sum = [&](double mine) -> MaybeValue {
      const double joules = grid_.comm().sum(mine);
      if (!meter_.available()) return {false, 0, meter_.reason()};
      if (!std::isfinite(joules)) return {false, 0, "a counter could not be read any more"};
      return {true, joules, ""};
    };
    r_.truth_energy_j = sum(truth_j_);
    r_.replacement_energy_j = sum(replacement_j_);
  }

  Timed timed_advance(solvers::Stepper<Real>& stepper, mesh::State<Real>& state, double end_s,
                      double& joules) {
    grid_.comm().barrier();
    const core::ScopedEnergy energy(meter_, joules);
    const core::Stopwatch stopwatch;
    auto report = stepper.advance(state, s_.window_s);
    Kokkos::fence("end of window");
    grid_.comm().barrier();
    state.time_s = end_s;
    return {report, stopwatch.seconds()};
  }

  void advance(long long n) {
    const double end_s = s_.initial.time_s + static_cast<double>(n) * s_.window_s;
    const Timed truth = timed_advance(s_.truth, truth_, end_s, truth_j_);
    solvers::check_contract(truth_, s_.max_abs_value);
    const Timed other = timed_advance(s_.replacement, replacement_, end_s, replacement_j_);
    r_.truth_wall_s += truth.wall_s;
    r_.replacement_wall_s += other.wall_s;
    r_.truth_cell_updates += truth.report.cell_updates;
    r_.windows.push_back({end_s, truth.wall_s, other.wall_s, truth.report.steps, other.report.steps,
                          other.report.who, other.report.why, other.report.trust});
    try {
      solvers::check_contract(replacement_, s_.max_abs_value);
    } catch (const core::RunError& error) {
      r_.replacement_failed = true;
      r_.failure = error.what();
      core::log::warn("the replacement failed: {}", r_.failure);
    }
  }

  void record(long long n) {
    r_.times_s.push_back(truth_.time_s);
    for (ErrorSeries& series : r_.errors) {
      const auto& truth = truth_[series.field];
      series.rel_l2.push_back(relative_error(replacement_[series.field], truth, grid_));
      series.persistence.push_back(relative_error(s_.initial[series.field], truth, grid_));
    }
    record_diagnostics();
    for (const double time_s : s_.picture_times_s)
      if (std::llround(time_s / s_.window_s) == n) {
        record_pictures();
        break;
      }
    if (s_.spectra_every > 0 && n % s_.spectra_every == 0)
      for (auto& spectrum : compare_all_spectra(truth_, replacement_))
        r_.spectra.push_back(std::move(spectrum));
  }

  void record_diagnostics() {
    // Measured by the truth's code on both, and by the state alone.
    const auto truth = s_.truth.diagnostics(truth_);
    const auto other = s_.truth.diagnostics(replacement_);
    if (r_.diagnostics.empty())
      for (const auto& d : truth) r_.diagnostics.push_back({d.name, d.unit, d.kind, {}, {}});
    for (std::size_t n = 0; n < r_.diagnostics.size(); ++n) {
      r_.diagnostics[n].truth.push_back(truth.at(n).value);
      r_.diagnostics[n].replacement.push_back(other.at(n).value);
    }
  }

  void record_pictures() {
    const int axis = 2, middle = grid_.global_cells(2) / 2;
    for (const std::string& name : s_.pictures) {
      const auto truth = quantity(truth_, s_.truth, name);
      Snapshot shot;
      shot.time_s = truth_.time_s;
      shot.name = name;
      shot.unit = truth.unit;
      shot.truth = mesh::gather_slice(grid_, truth.data, axis, middle);
      shot.replacement =
          mesh::gather_slice(grid_, quantity(replacement_, s_.truth, name).data, axis, middle);
      r_.snapshots.push_back(std::move(shot));
    }
  }

  const ComparisonSetup<Real>& s_;
  const mesh::Grid& grid_;
  mesh::State<Real> truth_, replacement_;
  const core::EnergyMeter meter_{grid_.comm()};
  double truth_j_ = 0, replacement_j_ = 0;
  ComparisonResult r_;
};

}  // namespace

template <class Real>
ComparisonResult compare(const ComparisonSetup<Real>& setup) {
  const core::Region region("compare");
  return Comparing<Real>(setup).run();
}

template ComparisonResult compare(const ComparisonSetup<float>&);
template ComparisonResult compare(const ComparisonSetup<double>&);

}  // namespace understudy::surrogates
