// A part of a solver that works on points alone (a reaction, microphysics, a closure), and that something
// else may compute in its place. The solver hands it out (Stepper::point_processes) with the names
// and units of what goes in and comes out, and is told by `use` who computes from then on. Before
// that, and after use(physics), the solver's results are bitwise its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/column.hpp"
#include "mesh/points.hpp"

namespace understudy::solvers {

/// Reads `in` [point, input], fills `out` [point, output]; any number of points, no memory in common.
/// Not collective: ranks call it with the points that they have.
template <class Real>
using PointCall =
    std::function<void(const mesh::Points<const Real>& in, const mesh::Points<Real>& out)>;

/// Valid as long as the stepper that handed it out.
template <class Real>
struct PointProcess {
  std::string name;  ///< "reaction": the deck's sub_models.reaction
  std::vector<core::Column> inputs, outputs;
  PointCall<Real> physics;                   ///< the solver's own
  std::function<void(PointCall<Real>)> use;  ///< who computes from now on
};

}  // namespace understudy::solvers
