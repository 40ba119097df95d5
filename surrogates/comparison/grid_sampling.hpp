// States on grids of one box (or of one sphere) compared at the points of the coarser one, so that a classical run is
// charged with its own error and as little as can be of an interpolation's.
//
// Along each axis the field is interpolated by the polynomial through the four nearest points
// (Lagrange, third degree; one-sided beside the sides, closing faces included), whose error is
// O(h^4) of the finer spacing h where the field is smooth; beside bodies, where velocity has a kink
// and the pressure ends, it is larger. No ghost is read, so that nothing is assumed of the
// values beyond a side. Onto a finer grid, whose outermost points lie beyond the last of the coarser, the polynomial
// goes on for half a spacing at most, and around an axis that is periodic. Where points coincide (faces, the same grid) the value itself is taken.
//
// Between cubed spheres the polynomials are those of a panel, and beside its edges what the solver's ghosts are made of
// (mesh/cubed_sphere_halo.hpp), of third degree, too: cells of both panels. Root mean squares are by the cells' measure.
//
// Both grids lie on the same ranks, split as they like: every rank gathers the whole of a field that is
// interpolated, which limits the size to what one rank's memory holds. The result does not depend on
// the ranks but for the order of sums. Limit: differences and
// correlations are those at the points of the coarser grid. All collective.
#pragma once

#include <vector>

#include "mesh/cell_field.hpp"
#include "mesh/field.hpp"

namespace understudy::surrogates {

/// The prognostic fields of `from` at the points of `to`'s grid, in `to`'s precision. Ghosts are
/// constrain()'s.
template <class From, class To>
void sample(const mesh::State<From>& from, mesh::State<To>& to);

/// Of one field: root mean squares over points of the difference and of the reference.
struct SampledError {
  double difference = 0, size = 0;
};
/// Of each prognostic field of the reference, in order, sampled at the points of `state` (interior).
template <class Reference, class Real>
std::vector<SampledError> differences_to(const mesh::State<Reference>& reference,
                                         const mesh::State<Real>& state);

/// Relative L2 difference of each prognostic field to `reference`, sampled at the points of `state`
/// (interior); in order of the reference's prognostic fields.
template <class Reference, class Real>
std::vector<double> error_against(const mesh::State<Reference>& reference,
                                  const mesh::State<Real>& state);

/// Correlation (Pearson's, cells by their measure) of a cell quantity with `reference`, on a finer or the same grid,
/// sampled at the cells of `own_grid`. NaN where the reference is the same number everywhere, 0 where `own` alone is.
template <class Reference, class Real>
double correlation(const mesh::CellField<Reference>& reference, const mesh::Grid& reference_grid,
                   const mesh::CellField<Real>& own, const mesh::Grid& own_grid);

}  // namespace understudy::surrogates
