// Cheaper classical runs of a case: the same solver on coarser grids, with looser settings (single
// precision, a larger time step or tolerance), and both; and, where the app has a spectral method for the
// deck, that on coarser grids. All start from the fine state at their own points, or in their own modes
// (solvers/finer_start.hpp). Their cost and error make the curve on which the equal-error speed-up is read.
//
// What cannot be made (a grid too coarse for a body) is kept with its reason, and a gentler factor is tried
// in its place. Where the runs of a method do not enclose the replacement's error, more are made: coarser ones
// while all are better, finer ones while all are worse.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/comparison/statistics_beside.hpp"

namespace understudy::apps {

struct ClassicalCase {
  std::string name;  ///< "128 x 64, flow.cfl=0.8"
  SimulationDeck deck;
  double factor = 1;      ///< of its cells
  bool spectral = false;  ///< by the app's spectral method
};

/// What `compare.coarser`, `compare.looser` and `compare.spectral` ask for, of the job's compared case: each looser
/// setting on the full grid, all of them together there, and every coarser grid as the deck has it, with all looser
/// settings, and (looser: auto) with these by each other scheme that the app has. Cells that a factor does not divide
/// are rounded; grids of fewer than 8 cells along an axis are left out with a warning (of spectral runs where the deck
/// names other factors than the default). UserError for a setting that the deck does not take, and where the deck
/// names other spectral runs than the default and the app has none for it.
std::vector<ClassicalCase> classical_cases(const SimulationJob& job);
/// Those of one factor; none where the grid would be too small.
std::vector<ClassicalCase> coarser_cases(const SimulationJob& job, double factor);
/// Spectral runs of one factor: as the deck has it and, with `looser: auto`, with all that this means for the spectral
/// method, "spectral 64 x 64"; looser settings that the deck names are of its own method, and left out. None where
/// the app has no such method for the deck, or the grid would be too small.
std::vector<ClassicalCase> spectral_cases(const SimulationJob& job, double factor);
/// Why there are no spectral runs on this job's ranks, where the deck has some on fewer; else empty.
std::string no_spectral_runs(const SimulationJob& job);
/// Cells of a spectral grid coarser by about `factor`: even numbers of factors up to 7, which are fast to
/// transform, in the ratio of the sides where that can be; empty where one axis would have fewer than 8 or more
/// than it has.
std::vector<long long> spectral_cells(const std::vector<long long>& cells, double factor);
/// "grid.cells=[64, 32]".
std::string cells_setting(const std::vector<long long>& cells);
/// Cells of a grid coarser by about `factor`; empty where one axis would have fewer than 8.
std::vector<long long> coarser_cells(const std::vector<long long>& cells, double factor);

struct ClassicalSetup {
  long long windows = 0;
  int warm_up_windows = 2;
  int block_windows = 10;  ///< as ComparisonSetup
  /// Which prognostic fields count in the error (ErrorSeries::judged); empty: all.
  std::vector<bool> judged = {};
  /// Over which windows (from 1) they are to enclose it (ComparisonResult::compared_windows); empty: all.
  std::vector<bool> counted = {};
  double target_error = 0;  ///< that is to be enclosed; 0: no more runs than the deck asks for
  surrogates::EqualIn equal_in = surrogates::EqualIn::error;
  std::string correlation = {};                                ///< as ComparisonSetup
  std::vector<std::string> statistics = {};                    ///< the same
  std::vector<surrogates::DiagnosticSeries> diagnostics = {};  ///< the truth's, for these
  surrogates::StatisticsSetup besides = {};                    ///< profiles and spectra
};

/// Of which fields, and when, profiles and spectra of another run are taken beside the truth.
surrogates::StatisticsSetup statistics_setup(const SimulationDeck& deck,
                                             const surrogates::ComparisonResult& result);

struct ClassicalRuns {
  std::vector<surrogates::ClassicalPoint> points;  ///< refused ones among them
  std::vector<surrogates::TimedSide> sides;        ///< of each point that was made, in order
};

/// The first named diagnostic that the simulation has in every window that counts and a run has not: it has no error
/// of statistics then. `values`: [named diagnostic][window from 1]. Empty: none.
std::string missing_statistic(const std::vector<std::vector<double>>& values,
                              const ClassicalSetup& setup);

/// Runs the case and its cheaper runs side by side from `initial`; the error of each is the mean over the
/// windows that count and the judged fields of the relative L2 difference to the full run at its own points
/// (surrogates/comparison/grid_sampling.hpp), kept by window, too: other models' windows may be others.
/// Runs that fail or are refused are points without numbers.
/// Collective.
template <class Real>
ClassicalRuns run_classical(const SimulationJob& job, const SimulationDeck& deck,
                            std::vector<ClassicalCase>& cases, const mesh::State<Real>& initial,
                            const ClassicalSetup& setup);

}  // namespace understudy::apps
