// A stepper as the run that a model is wanted for, and as the head of a dataset of its states.
#pragma once

#include <string>

#include "solvers/stepper.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

/// Fields and grid of `stepper`; no parameters. `sides` says what the sides of the box are, two an axis in
/// the order of mesh::Side; it may be left out where all axes of the grid are periodic, and on a cubed sphere. UserError where it
/// is needed, has another length or contradicts the grid, and where the window is not above 0.
template <class Real>
RunDescription describe(const solvers::Stepper<Real>& stepper, double window_s,
                        const SideKinds& sides = {});

/// The dataset `name` of such runs: without the fields that are only the scheme's history.
DatasetInfo dataset_of(const std::string& name, const RunDescription& run);

extern template RunDescription describe(const solvers::Stepper<float>&, double, const SideKinds&);
extern template RunDescription describe(const solvers::Stepper<double>&, double, const SideKinds&);

}  // namespace understudy::surrogates
