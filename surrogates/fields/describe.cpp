#include "surrogates/fields/describe.hpp"

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/box_grid.hpp"

namespace understudy::surrogates {

namespace {

mesh::GridParams box_of(const mesh::BoxGrid& grid) {
  mesh::GridParams box{.lower_m = {}, .upper_m = {}, .cells = {}, .ranks = {}};
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    box.lower_m.push_back(grid.lower(axis));
    box.upper_m.push_back(grid.upper(axis));
    box.cells.push_back(grid.global_cells(axis));
  }
  return box;
}

void require_sides(const std::string& stepper, const mesh::Grid& grid, const SideKinds& sides) {
  if (sides.size() != static_cast<std::size_t>(2 * grid.dimension()))
    throw core::UserError(core::format("describe({}): {} sides are given; a {}-D box has {}",
                                       stepper, sides.size(), grid.dimension(),
                                       2 * grid.dimension()));
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    const bool periodic = grid.periodic(mesh::side_axis(side));
    if ((sides[side] == SideKind::periodic) == periodic) continue;
    throw core::UserError(core::format("describe({}): side {} is given as {}, and the grid is {}",
                                       stepper, mesh::side_name(side), to_string(sides[side]),
                                       periodic ? "periodic there" : "not periodic there"));
  }
}

SideKinds all_periodic(const std::string& stepper, const mesh::Grid& grid) {
  for (int axis = 0; axis < grid.dimension(); ++axis)
    if (!grid.periodic(axis))
      throw core::UserError(core::format(
          "describe({}): the grid is not periodic along {}; say what its sides are (wall, inflow, "
          "open; two an axis)",
          stepper, "xyz"[axis]));
  return SideKinds(2 * grid.dimension(), SideKind::periodic);
}

}  // namespace

template <class Real>
RunDescription describe(const solvers::Stepper<Real>& stepper, double window_s,
                        const SideKinds& sides) {
  if (!std::isfinite(window_s) || window_s <= 0)
    throw core::UserError(
        core::format("describe({}): window_s is {}; it must be above 0", stepper.name(), window_s));
  const auto grid = stepper.grid();
  RunDescription run;
  run.fields = stepper.fields();
  run.grid = box_of(mesh::as_box(*grid, "describe"));
  run.window_s = window_s;
  run.boundaries = sides.empty() ? all_periodic(stepper.name(), *grid) : sides;
  require_sides(stepper.name(), *grid, run.boundaries);
  return run;
}

DatasetInfo dataset_of(const std::string& name, const RunDescription& run) {
  DatasetInfo dataset;
  dataset.name = name;
  dataset.fields = run.fields;
  std::erase_if(dataset.fields, [](const auto& f) { return f.role == mesh::Role::history; });
  dataset.grid = run.grid;
  dataset.boundaries = run.boundaries;
  dataset.window_s = run.window_s;
  return dataset;
}

template RunDescription describe(const solvers::Stepper<float>&, double, const SideKinds&);
template RunDescription describe(const solvers::Stepper<double>&, double, const SideKinds&);

}  // namespace understudy::surrogates
