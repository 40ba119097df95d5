// Shallow-water runs for tests.
#pragma once

#include <memory>
#include <string>

#include "solvers/weather/shallow_water/shallow_water_solver.hpp"

namespace understudy::tests {

constexpr double day_s = 86400;

template <class Real>
struct ShallowWaterRun {
  ShallowWaterRun(const solvers::ShallowWaterParams& params, int cells,
                  const core::Comm& comm = core::Comm::world())
      : grid(std::make_shared<mesh::CubedSphereGrid>(mesh::CubedSphereParams{cells, 6.37122e6, {}},
                                                     comm,
                                                     solvers::shallow_water_ghosts(params.order))),
        solver(params, grid),
        state(grid, solver.fields()) {
    solver.initialise(state);
    solver.constrain(state);
  }
  double diagnostic(const std::string& name) {
    for (const auto& d : solver.diagnostics(state))
      if (d.name == "shallow_water." + name) return d.value;
    throw std::out_of_range("no diagnostic " + name);
  }

  std::shared_ptr<const mesh::CubedSphereGrid> grid;
  solvers::ShallowWaterSolver<Real> solver;
  mesh::State<Real> state;
};

inline solvers::ShallowWaterParams shallow_water(const std::string& start, double tilt_deg = 0,
                                                 int order = 5) {
  solvers::ShallowWaterParams params;
  params.start = start;
  params.tilt_deg = tilt_deg;
  params.order = order;
  return params;
}

}  // namespace understudy::tests
