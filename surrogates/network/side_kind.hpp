// What a surrogate has to know of a side of the box (or of a cubed sphere's panels), whatever the domain calls it.
#pragma once

#include <string>
#include <vector>

namespace understudy::surrogates {

enum class SideKind {
  periodic,  ///< padded circularly
  wall,      ///< wall or slip plane: the normal component is given
  inflow,    ///< values are given
  open,      ///< outflow: values leave the box
  joint      ///< of a panel of a cubed sphere: another panel lies across it
};

/// Two entries an axis, in the order of mesh::Side (x_lower, x_upper, y_lower...): 4 in 2-D, 6 in
/// 3-D.
using SideKinds = std::vector<SideKind>;

std::string to_string(SideKind kind);
/// UserError naming `what` and the allowed names.
SideKind side_kind_from(const std::string& name, const std::string& what);
/// "periodic, periodic, wall, wall"
std::string to_string(const SideKinds& kinds);

}  // namespace understudy::surrogates
