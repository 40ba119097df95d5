// The truth's own error: the compared case once more at twice the resolution, from the same state at its own points.
//
// Along every axis with more than one cell there are twice as many (on a cubed sphere along both axes of a panel). The
// common start is interpolated by cubic polynomials (surrogates/comparison/grid_sampling.hpp) and constrained; a
// scheme's memory of steps before is not taken along, as by coarser classical runs. The truth is run beside it once
// more, and its error is measured as a classical run's: at its own points, against the finer run interpolated there.
// None of it is timed. It takes 8 times the simulation's time in 2-D and 16 in 3-D, where the step follows the
// spacing.
#pragma once

#include <optional>

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::apps {

/// The compared case on twice the cells; none where the deck does not ask for it (compare.truth_error). UserError
/// where the deck's grid cannot be doubled by its settings, with what it refuses.
std::optional<SimulationDeck> finer_deck(const SimulationJob& job);

/// UserError where the simulation's solver is one that starts from modes (solvers/finer_start.hpp): its own error is
/// far below the interpolation's, which would be what is measured.
template <class Real>
void require_interpolation_serves(solvers::Stepper<Real>& stepper);
/// The same of the compared case, whose simulation is made for it; nothing where the deck does not ask for the truth's
/// own error. Collective.
void require_interpolation_serves(const SimulationJob& job);

/// UserError where the finer run would not fit beside what a comparison holds, in numbers of so many bytes, or, with
/// MPI, a field of it takes more than the 2 GiB that are gathered at once. Nothing is allocated. Collective.
void require_finer_fits(const SimulationDeck& deck, const SimulationDeck& finer,
                        std::size_t real_bytes, const core::Comm& comm);
/// The same of the job's compared case; nothing where it does not ask for the finer run.
void require_finer_fits(const SimulationJob& job);

/// Runs both from `initial` over the deck's compared windows: errors of the fields that `result` judges, by window,
/// and how long its correlated quantity is followed. A finer run that cannot be made or fails leaves a reason.
/// Collective.
template <class Real>
surrogates::TruthError measure_truth(const SimulationDeck& deck, const SimulationDeck& finer,
                                     const mesh::State<Real>& initial,
                                     const surrogates::ComparisonResult& result);

}  // namespace understudy::apps
