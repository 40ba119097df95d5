// What a run writes as it goes: observers of the run loop, made from the deck's output section.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/simulation/diagnostics_table.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "apps/study/time_series.hpp"
#include "mesh/io/picture.hpp"
#include "solvers/run_loop.hpp"

namespace understudy::apps {

/// A field at cell centres or a derived quantity. UserError listing the names that there are.
template <class Real>
mesh::CellField<Real> quantity(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper,
                               const std::string& name);

/// Names of the fields that outputs may show, and of the derived quantities.
template <class Real>
std::vector<std::string> names_of(const mesh::State<Real>& state,
                                  const solvers::Stepper<Real>& stepper);

/// UserError unless every name is a field or a derived quantity of the stepper. `key`: the deck's.
template <class Real>
void require_quantities(const mesh::State<Real>& state, const solvers::Stepper<Real>& stepper,
                        const std::vector<std::string>& names, const std::string& key);

/// The same of names alone.
void require_names_among(const std::vector<std::string>& known,
                         const std::vector<std::string>& names, const std::string& key);

/// The planes of a quantity that are pictured (mesh::picture_normals), grey inside bodies (fixed field `mask` at 0).
/// Filled on rank 0. Collective.
template <class Real>
std::vector<mesh::Slice> picture_slices(const mesh::State<Real>& state,
                                        const mesh::CellField<Real>& field);

/// What a picture's file is called: the quantity, of a volume with the plane: "speed", "speed_xz".
std::string picture_name(const std::string& quantity, const mesh::Slice& slice);
/// Where the plane lies in a volume: "middle of y"; else empty.
std::string picture_plane(const mesh::Slice& slice);

/// The deck's fixed range for that field, else an empty one (the slice's own).
mesh::PictureStyle picture_style(const OutputParams& output, const std::string& name);

/// fields.pvd or fields.vtkhdf, fields.nc, pictures/<picture_name>_<window>.png with their times in pictures/times.csv, diagnostics.csv as the
/// deck asks. `series` is filled with the diagnostics of every row, those before a restart included; it outlives the run.
template <class Real>
std::vector<solvers::Observer<Real>> make_observers(const SimulationJob& job,
                                                    const RunWatch<Real>& run,
                                                    std::vector<TimeSeries>& series);

}  // namespace understudy::apps
