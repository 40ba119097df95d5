// The deck's state at time 0 before anything is imposed on it: formulas, noise and a random velocity
// (flow.initial). Private to solvers/flow.
#pragma once

#include "mesh/field.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers::flow {

/// Sets time, step and scalars of the state to zero, and every field but u, v, w and the scalar; noise depends
/// on the seed and a point's global place, not on the ranks. UserError for a formula that is not finite somewhere,
/// on all ranks. Collective.
template <class Real>
void fill_initial_state(const FlowParams& params, mesh::State<Real>& state);

}  // namespace understudy::solvers::flow
