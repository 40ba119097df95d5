// Relative L2 errors of fields against a reference:
//
//   e = sqrt(sum w (u - t)^2 / sum w t^2)
//
// over the points where the truth t is known (finite). w is 1, or the cosine of the latitude where the problem
// lives on a sphere (Region::sphere_axis of an interior term), so that equal areas count alike (Williamson et
// al. 1992, eq. 82). mean_free fields are compared without their weighted means.
#pragma once

#include <vector>

#include "pinn/solver.hpp"

namespace understudy::pinn {

/// [field]. NaN (not judged): no truth is known, or it vanishes to round-off beside the fields of the same
/// unit, so that there is nothing to be relative to. Infinite: the value is not finite where the truth is.
std::vector<double> relative_l2(const Problem& problem, const Points& points, const Columns& values,
                                const Columns& truth);

}  // namespace understudy::pinn
