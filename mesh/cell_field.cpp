#include "mesh/cell_field.hpp"

#include "core/format.hpp"
#include "mesh/halo.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

template <class Real>
Array3<Real> new_array(const Grid& grid, const std::string& label) {
  return Array3<Real>(label, grid.extent(2), grid.extent(1), grid.extent(0));
}

/// Mean of the values on the two faces of each cell along `axis`.
template <class Real>
void average_faces(const Grid& grid, int axis, const Array3<Real>& faces,
                   const Array3<Real>& cells) {
  const int di = axis == 0, dj = axis == 1, dk = axis == 2;
  for_cells(
      "average_faces", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        cells(k, j, i) = Real(0.5) * (faces(k, j, i) + faces(k + dk, j + dj, i + di));
      });
}

}  // namespace

template <class Real>
std::vector<CellField<Real>> cell_fields(const State<Real>& state) {
  const Grid& grid = state.grid();
  Halo<Real> halo(state.shared_grid());
  std::vector<CellField<Real>> result;
  for (const auto& field : state.fields()) {
    if (field.info.role == Role::history) continue;
    for (int c = 0; c < field.info.components; ++c) {
      const std::string name =
          field.info.components == 1 ? field.info.name : core::format("{}_{}", field.info.name, c);
      Array3<Real> values = field.component(c);
      const int axis = static_cast<int>(field.info.location) - 1;
      if (axis >= 0 && axis < grid.dimension()) {
        // On a copy: an output must not touch the ghosts that the solver keeps.
        const auto faces = new_array<Real>(grid, name), cells = new_array<Real>(grid, name);
        Kokkos::deep_copy(faces, values);
        halo.exchange({faces}, 1);
        average_faces(grid, axis, faces, cells);
        values = cells;
      }
      result.push_back({name, field.info.unit, values});
    }
  }
  return result;
}

template std::vector<CellField<float>> cell_fields(const State<float>&);
template std::vector<CellField<double>> cell_fields(const State<double>&);

}  // namespace understudy::mesh
