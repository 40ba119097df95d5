#include "surrogates/fields/describe.hpp"

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::surrogates {

namespace {

void require_sides(const std::string& stepper, const mesh::Grid& grid, const SideKinds& sides) {
  if (sides.size() != static_cast<std::size_t>(2 * grid.dimension()))
    throw core::UserError(core::format("describe({}): {} sides are given; a {}-D box has {}",
                                       stepper, sides.size(), grid.dimension(),
                                       2 * grid.dimension()));
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    if (grid.panels() > 1 && sides[side] == SideKind::joint) continue;
    if (grid.panels() > 1 || sides[side] == SideKind::joint)
      throw core::UserError(core::format(
          "describe({}): side {} is given as {}; the sides of a cubed sphere's panels, and no others, are joints",
          stepper, mesh::side_name(side), to_string(sides[side])));
    const bool periodic = grid.periodic(mesh::side_axis(side));
    if ((sides[side] == SideKind::periodic) == periodic) continue;
    throw core::UserError(core::format("describe({}): side {} is given as {}, and the grid is {}",
                                       stepper, mesh::side_name(side), to_string(sides[side]),
                                       periodic ? "periodic there" : "not periodic there"));
  }
}

SideKinds closed_sides(const std::string& stepper, const mesh::Grid& grid) {
  if (grid.panels() > 1) return SideKinds(2 * grid.dimension(), SideKind::joint);
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
  run.grid = mesh::params_of(*grid, "describe");
  run.window_s = window_s;
  run.boundaries = sides.empty() ? closed_sides(stepper.name(), *grid) : sides;
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
