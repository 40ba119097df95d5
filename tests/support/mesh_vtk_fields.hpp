// What the tests of ParaView's files share: an odd box and fields on it by a function of the cells' global places.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/cell_field.hpp"

namespace understudy::tests {

/// From (-1, 0, 10) to (2, 1, 12) m, of cells x 9 (x 8) cells.
inline std::shared_ptr<const mesh::BoxGrid> odd_box(int dimension, long long cells,
                                                    const std::array<bool, 3>& periodic,
                                                    const core::Comm& comm = core::Comm::world()) {
  mesh::GridParams params;
  params.lower_m = {-1, 0, 10};
  params.upper_m = {2, 1, 12};
  params.cells = {cells, 9, 8};
  params.lower_m.resize(dimension);
  params.upper_m.resize(dimension);
  params.cells.resize(dimension);
  return std::make_shared<const mesh::BoxGrid>(params, periodic, comm);
}

/// Velocities (m/s) and p (Pa) of value(k, j, i, number of the name); ghosts hold what no output may show.
template <class Real, class Value>
std::vector<mesh::CellField<Real>> fields_of(const mesh::BoxGrid& grid,
                                             const std::vector<std::string>& names,
                                             const Value& value) {
  std::vector<mesh::CellField<Real>> fields;
  for (const auto& name : names) {
    const int n = int(fields.size());
    mesh::CellField<Real> field{
        name, name == "p" ? "Pa" : "m/s",
        mesh::Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0))};
    const auto host = Kokkos::create_mirror_view(field.data);
    Kokkos::deep_copy(host, Real(1e30));
    const mesh::Range3 r = grid.interior();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          host(k, j, i) =
              Real(value(k - grid.ghosts(2) + grid.offset(2), j - grid.ghosts(1) + grid.offset(1),
                         i - grid.ghosts(0) + grid.offset(0), n));
    Kokkos::deep_copy(field.data, host);
    fields.push_back(field);
  }
  return fields;
}

}  // namespace understudy::tests
