// A quantity at cell centres, as outputs and pictures show it; the fields of a State made such.
#pragma once

#include <string>
#include <vector>

#include "mesh/field.hpp"

namespace understudy::mesh {

/// A cell-centred quantity ready to be written: [k, j, i] with ghosts, grid's extents.
template <class Real>
struct CellField {
  std::string name, unit;
  Array3<Real> data;
};

/// The State's prognostic and fixed fields at cell centres; a field of several components as
/// <name>_0, <name>_1... Cell fields share the State's memory. Collective: the faces between two
/// blocks are fetched from the neighbour, the State itself is left as it is.
template <class Real>
std::vector<CellField<Real>> cell_fields(const State<Real>& state);

}  // namespace understudy::mesh
