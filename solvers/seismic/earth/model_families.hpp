// Random families of layered models, in the manner of OpenFWI's FlatVel, CurveVel, FlatFault and
// CurveFault (Deng et al. 2022), made anew here: numbers and shapes are drawn alike, not the same.
//
// The number of interfaces is uniform in its range. Thicknesses are uniform among those that keep the
// least thickness; speeds are uniform in their range and sorted by depth (version A) or not (B). Curved
// layers are all folded by one random sum of sines, so that they keep their thickness. Each fault is a
// plane of random place, dip and (3-D) strike; the layers on its upper side slipped along the dip by a
// random length, up or down. Layers are carried along, the surface stays flat.
#pragma once

#include <cstdint>
#include <vector>

#include "solvers/seismic/earth/earth_model.hpp"
#include "solvers/seismic/earth/model_geometry.hpp"

namespace understudy::solvers::seismic {

/// P speed (m/s) [k, j, i] of member `index`. UserError where the layers cannot have their least
/// thickness within the depth.
std::vector<double> family_speeds(const FamilyParams& params, bool curved,
                                  const ModelGeometry& geometry, std::uint64_t seed,
                                  std::uint64_t index);

}  // namespace understudy::solvers::seismic
