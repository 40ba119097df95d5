// Cheaper classical runs of a case: the same solver on coarser grids, with looser settings (single
// precision, a larger time step or tolerance), and both. All start from the fine state at their own
// points. Their cost and error make the curve on which the equal-error speed-up is read.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::apps {

struct ClassicalCase {
  std::string name;  ///< "128 x 64, flow.cfl=0.8"
  SimulationDeck deck;
};

/// What `compare.coarser` and `compare.looser` ask for, of the job's compared case: each looser setting on the full grid, all of them together there, and every coarser grid as
/// the deck has it and with all looser settings. Grids that do not divide are left out with a warning.
/// UserError for a setting that the deck does not take.
std::vector<ClassicalCase> classical_cases(const SimulationJob& job);

struct ClassicalSetup {
  long long windows = 0;
  int warm_up_windows = 2;
  int block_windows = 10;  ///< as ComparisonSetup
};

/// Runs the case and its cheaper runs side by side from `initial`; the error of each is the mean over
/// windows and prognostic fields of the relative L2 difference to the full run at its own points
/// (surrogates/comparison/grid_sampling.hpp). Runs that fail are left out, with a warning. Collective.
template <class Real>
std::vector<surrogates::ClassicalPoint> run_classical(const SimulationDeck& deck,
                                                      std::vector<ClassicalCase>& cases,
                                                      const mesh::State<Real>& initial,
                                                      const ClassicalSetup& setup);

}  // namespace understudy::apps
