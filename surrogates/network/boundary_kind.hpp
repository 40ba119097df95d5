// What a surrogate has to know of a side of the box, whatever the domain calls it.
#pragma once

#include <string>
#include <vector>

namespace understudy::surrogates {

enum class BoundaryKind {
  periodic,  ///< padded circularly
  wall,      ///< wall or slip plane: the normal component is given
  inflow,    ///< values are given
  open       ///< outflow: values leave the box
};

/// Two entries an axis, in the order of mesh::Side (x_lower, x_upper, y_lower...): 4 in 2-D, 6 in
/// 3-D.
using BoundaryKinds = std::vector<BoundaryKind>;

std::string to_string(BoundaryKind kind);
/// UserError naming `what` and the allowed names.
BoundaryKind boundary_kind_from(const std::string& name, const std::string& what);
/// "periodic, periodic, wall, wall"
std::string to_string(const BoundaryKinds& kinds);

}  // namespace understudy::surrogates
