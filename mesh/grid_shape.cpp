#include "mesh/grid_shape.hpp"

#include "mesh/box_grid.hpp"
#include "mesh/cubed_sphere_grid.hpp"

namespace understudy::mesh {

namespace {

constexpr long long panels_of_a_cube = 6;

}  // namespace

std::vector<long long> shape_of(const GridParams& grid) {
  std::vector<long long> shape = grid.cells;
  if (grid.is_sphere()) shape.push_back(panels_of_a_cube);
  return shape;
}

std::vector<long long> shape_of(const Grid& grid) {
  std::vector<long long> shape;
  const int axes = grid.panels() > 1 ? 3 : grid.dimension();
  for (int axis = 0; axis < axes; ++axis) shape.push_back(grid.global_cells(axis));
  return shape;
}

std::string shape_text(const GridParams& grid) {
  std::string text = grid.is_sphere() ? std::to_string(panels_of_a_cube) : "";
  for (const long long cells : grid.cells)
    text += (text.empty() ? "" : " x ") + std::to_string(cells);
  return text;
}

GridParams params_of(const Grid& grid, const char* what) {
  if (const auto* sphere = dynamic_cast<const CubedSphereGrid*>(&grid))
    return CubedSphereParams{
        .cells = sphere->cells_per_edge(), .radius_m = sphere->radius(), .ranks = {}}
        .grid_params();
  const BoxGrid& box = as_box(grid, what);
  GridParams params{.lower_m = {}, .upper_m = {}, .cells = {}, .ranks = {}};
  for (int axis = 0; axis < box.dimension(); ++axis) {
    params.lower_m.push_back(box.lower(axis));
    params.upper_m.push_back(box.upper(axis));
    params.cells.push_back(box.global_cells(axis));
  }
  return params;
}

}  // namespace understudy::mesh
