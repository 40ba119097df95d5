// Which fields of a series make up the vector `velocity`, that outputs show beside its components.
#pragma once

#include <string>
#include <vector>

#include "mesh/cell_field.hpp"

namespace understudy::mesh {

/// Names of the velocity's components in a box, in the order of the axes.
inline std::vector<std::string> box_velocity_names(int dimension) {
  return dimension == 2 ? std::vector<std::string>{"u", "v"}
                        : std::vector<std::string>{"u", "v", "w"};
}

/// The fields that make up the vector `velocity`: u, v (, w) in a box, the three components velocity_0 to _2
/// on a sphere; empty where there are none such.
template <class Real>
std::vector<const CellField<Real>*> velocity_of(const std::vector<CellField<Real>>& fields,
                                                const std::vector<std::string>& names) {
  std::vector<const CellField<Real>*> components;
  for (const auto& name : names)
    for (const auto& field : fields)
      if (field.name == name) components.push_back(&field);
  return components.size() == names.size() ? components : std::vector<const CellField<Real>*>();
}

}  // namespace understudy::mesh
