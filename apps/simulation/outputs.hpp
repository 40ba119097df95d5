// What a run writes as it goes: observers of the run loop, made from the deck's output section.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "apps/study/time_series.hpp"
#include "mesh/io/picture.hpp"
#include "solvers/run_loop.hpp"

namespace understudy::apps {

/// A field at cell centres or a derived quantity. UserError listing the names that there are.
template <class Real>
mesh::CellField<Real> quantity(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper,
                               const std::string& name);

/// UserError unless every name is a field or a derived quantity of the stepper. `key`: the deck's.
template <class Real>
void require_quantities(const mesh::State<Real>& state, const solvers::Stepper<Real>& stepper,
                        const std::vector<std::string>& names, const std::string& key);

/// The slice of a quantity through the middle of z, grey inside bodies (fixed field `mask` at 0).
/// Filled on rank 0. Collective.
template <class Real>
mesh::Slice picture_slice(const mesh::State<Real>& state, const mesh::CellField<Real>& field);

/// The deck's fixed range for that field, else an empty one (the slice's own).
mesh::PictureStyle picture_style(const OutputParams& output, const std::string& name);

/// The run that observers look at.
template <class Real>
struct RunWatch {
  solvers::Stepper<Real>&
      truth;  ///< looked at within windows where it allows that (step_watch.hpp)
  const mesh::State<Real>& state;  ///< that it advances
  double resumed_at_s = -1;        ///< < 0: a new run
};

/// fields.pvd, pictures/<name>_<window>.png, diagnostics.csv as the deck asks. `series` is filled with
/// the diagnostics of every row, those before a restart included; it outlives the run.
template <class Real>
std::vector<solvers::Observer<Real>> make_observers(const SimulationJob& job,
                                                    const RunWatch<Real>& run,
                                                    std::vector<TimeSeries>& series);

}  // namespace understudy::apps
