// How far a state is from another one that is right.
#pragma once

#include "mesh/field.hpp"

namespace understudy::surrogates {

/// Mean over the prognostic fields of ||state - truth|| / ||truth||; those left out that are zero but for
/// round-off (core/unit_scale.hpp). Infinite where something is not finite, and for any difference from a
/// state that is zero altogether. Collective.
template <class Real>
double error_of(const mesh::State<Real>& state, const mesh::State<Real>& truth);

}  // namespace understudy::surrogates
