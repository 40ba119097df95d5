#include "apps/simulation/finer_truth.hpp"

#include <algorithm>
#include <limits>

#include "apps/simulation/classical.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "core/timers.hpp"
#include "mesh/grid_shape.hpp"
#include "solvers/finer_start.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string doubled_cells(const mesh::GridParams& grid) {
  if (grid.is_sphere()) return core::format("grid.cells={}", 2 * grid.cells.front());
  std::vector<long long> cells;
  for (const auto n : grid.cells) cells.push_back(n > 1 ? 2 * n : n);
  return cells_setting(cells);
}

// Truth and finer run side by side.
template <class Real>
class Beside {
 public:
  Beside(const SimulationDeck& deck, const SimulationDeck& finer, const mesh::State<Real>& initial,
         const surrogates::StatisticsSetup& statistics)
      : deck_(deck),
        start_s_(initial.time_s),
        truth_(make_simulation<Real>(deck, initial.grid().comm())),
        fine_(make_simulation<Real>(finer, initial.grid().comm())),
        statistics_(*truth_.state, statistics) {
    truth_.state->copy_from(initial);
    surrogates::sample(initial, *fine_.state);
    fine_.state->time_s = start_s_;
    fine_.stepper->constrain(*fine_.state);
  }

  // Window n from 1; RunError where the finer run leaves its bounds.
  void advance(long long n, surrogates::TruthError& own) {
    const double window_s = deck_.time.window_s;
    truth_.stepper->advance(*truth_.state, window_s);
    Kokkos::fence("before the finer run's window");
    const core::Stopwatch stopwatch;
    fine_.stepper->advance(*fine_.state, window_s);
    Kokkos::fence("end of the finer run's window");
    own.cost_s += stopwatch.seconds();
    truth_.state->time_s = fine_.state->time_s = start_s_ + static_cast<double>(n) * window_s;
    solvers::check_contract(*fine_.state, deck_.time.max_abs_value);
    statistics_.add(n, *fine_.state, *truth_.state);
  }

  double profiles_error() const { return statistics_.profiles_error(); }
  double spectra_error() const { return statistics_.spectra_error(); }

  // Of every prognostic field; NaN where the finer run's is 0.
  std::vector<double> errors() const {
    std::vector<double> errors;
    for (const auto& e : surrogates::differences_to(*fine_.state, *truth_.state))
      errors.push_back(e.size > 0 ? e.difference / e.size : unknown);
    return errors;
  }

  // The finer run's.
  std::vector<double> diagnostics(const std::vector<std::string>& names) const {
    if (names.empty()) return {};
    return surrogates::values_of(fine_.stepper->diagnostics(*fine_.state), names);
  }

  double correlation(const std::string& name) const {
    return surrogates::correlation(
        surrogates::quantity<Real>(*fine_.state, *fine_.stepper, name), fine_.state->grid(),
        surrogates::quantity<Real>(*truth_.state, *truth_.stepper, name), truth_.state->grid());
  }

 private:
  const SimulationDeck& deck_;
  double start_s_;
  Simulation<Real> truth_, fine_;
  surrogates::StatisticsBeside<Real, Real> statistics_;
};

template <class Real>
void run_beside(const SimulationDeck& deck, const SimulationDeck& finer,
                const mesh::State<Real>& initial, const surrogates::ComparisonResult& result,
                surrogates::TruthError& own) {
  Beside<Real> both(deck, finer, initial, statistics_setup(deck, result));
  const auto windows = deck.compare.windows;
  core::Progress progress("run at twice the resolution", static_cast<double>(windows), "windows");
  own.errors.resize(own.fields.size());
  own.statistics.resize(result.statistics.size());
  for (long long n = 1; n <= windows; ++n) {
    both.advance(n, own);
    const auto errors = both.errors();
    for (std::size_t f = 0, judged = 0; f < result.errors.size(); ++f)
      if (result.errors[f].judged()) own.errors[judged++].push_back(errors.at(f));
    if (!own.correlation.quantity.empty())
      own.correlation.values.push_back(both.correlation(own.correlation.quantity));
    const auto values = both.diagnostics(result.statistics);
    for (std::size_t d = 0; d < values.size(); ++d) own.statistics[d].push_back(values[d]);
    progress.update(static_cast<double>(n));
  }
  own.profiles_error = both.profiles_error();
  own.spectra_error = both.spectra_error();
}

}  // namespace

std::optional<SimulationDeck> finer_deck(const SimulationJob& job) {
  if (!job.deck.compare.truth_error) return {};
  std::vector<std::string> settings = case_settings(job);
  settings.push_back(doubled_cells(with_settings(job, settings).grid()));
  try {
    return with_settings(job, settings);
  } catch (const core::UserError& error) {
    throw core::UserError(core::format(
        "compare.truth_error: wants the case on twice the cells ({}), which the deck refuses; leave it "
        "out, or make the deck's other settings fit both grids: {}",
        settings.back(), error.what()));
  }
}

template <class Real>
void require_interpolation_serves(solvers::Stepper<Real>& stepper) {
  if (!dynamic_cast<solvers::FinerStart<Real>*>(&stepper)) return;
  throw core::UserError(core::format(
      "compare.truth_error: wants a run on twice the cells from an interpolated start, and this simulation's own solver "
      "({}) is far more accurate than cubic interpolation, whose error would be taken for its own; leave it "
      "out, or compare a solver that is not of modes",
      stepper.name()));
}

void require_interpolation_serves(const SimulationJob& job) {
  if (!job.deck.compare.truth_error) return;
  const SimulationDeck deck = with_settings(job, case_settings(job));
  with_precision(deck.precision, [&]<class Real>(Real) {
    require_interpolation_serves(*make_simulation<Real>(deck, job.comm).stepper);
  });
}

namespace {

// Sampling gathers a field in one message, whose bytes MPI counts in 31 bits (core::Comm::all_gather).
void require_gatherable(const SimulationDeck& finer, const mesh::Grid& fine, double field_bytes) {
#ifdef UNDERSTUDY_WITH_MPI
  constexpr double limit = std::numeric_limits<int>::max();
#else
  constexpr double limit = std::numeric_limits<double>::infinity();
#endif
  if (field_bytes <= limit) return;
  throw core::UserError(core::format(
      "compare.truth_error: a field of the run of {} cells takes {} ({:.3g} million cells), and no "
      "more than 2 GiB can be gathered at once with MPI; leave it out, use fewer cells or "
      "precision: single, or a build without MPI",
      mesh::shape_text(finer.grid()), core::bytes_text(field_bytes),
      1e-6 * static_cast<double>(fine.global_cell_count())));
}

}  // namespace

void require_finer_fits(const SimulationJob& job) {
  const auto finer = finer_deck(job);
  if (!finer) return;
  const SimulationDeck deck = with_settings(job, case_settings(job));
  with_precision(deck.precision, [&]<class Real>(Real) {
    require_finer_fits(deck, *finer, sizeof(Real), job.comm);
  });
}

void require_finer_fits(const SimulationDeck& deck, const SimulationDeck& finer,
                        std::size_t real_bytes, const core::Comm& comm) {
  const auto grid = deck.physics->make_grid(comm), fine = finer.physics->make_grid(comm);
  // Sampling gathers a field on every rank: the blocks as they come, and the whole; a vector has three components.
  const double components = deck.grid().is_sphere() ? 3 : 1;
  const double gathered = 2 * static_cast<double>(real_bytes) * components *
                          static_cast<double>(fine->global_cell_count());
  require_gatherable(finer, *fine, gathered / 2);
  constexpr int beside = 3;  // the truth, the replacement's solver, and the truth once more
  core::require_memory(
      {.bytes = beside * deck.physics->memory_bytes(*grid, real_bytes) +
                finer.physics->memory_bytes(*fine, real_bytes) + gathered,
       .what = core::format("comparing beside a run at twice the resolution, of {} cells "
                            "(compare.truth_error),",
                            mesh::shape_text(finer.grid())),
       .remedy = "leave compare.truth_error out, use fewer cells or more ranks on more machines"},
      comm);
}

template <class Real>
surrogates::TruthError measure_truth(const SimulationDeck& deck, const SimulationDeck& finer,
                                     const mesh::State<Real>& initial,
                                     const surrogates::ComparisonResult& result) {
  const core::ScopedTimer region("truth error");
  surrogates::TruthError own;
  own.name = mesh::shape_text(finer.grid());
  own.error = unknown;
  own.correlation.quantity = deck.compare.correlation;
  if (!own.correlation.quantity.empty()) own.correlation.values = {1};
  for (const auto& error : result.errors)
    if (error.judged()) own.fields.push_back(error.field);
  try {
    run_beside(deck, finer, initial, result, own);
  } catch (const core::Interrupted&) {
    throw;
  } catch (const core::Error& error) {
    own.refused = error.what();
    core::log::warn("the simulation's own error is not known: the run of {} cells {}", own.name,
                    own.refused);
  }
  own.cost_s = initial.grid().comm().max(own.cost_s);
  return own;
}

template void require_interpolation_serves(solvers::Stepper<float>&);
template void require_interpolation_serves(solvers::Stepper<double>&);
template surrogates::TruthError measure_truth(const SimulationDeck&, const SimulationDeck&,
                                              const mesh::State<float>&,
                                              const surrogates::ComparisonResult&);
template surrogates::TruthError measure_truth(const SimulationDeck&, const SimulationDeck&,
                                              const mesh::State<double>&,
                                              const surrogates::ComparisonResult&);

}  // namespace understudy::apps
