// Boxes, padded grids and caught messages for the tests of surveys.
#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"

namespace understudy::tests {

// Empty where the action does what it should.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const core::UserError& e) {
    return e.what();
  }
  return {};
}

inline mesh::GridParams box_of(std::vector<long long> cells, double spacing_m = 10) {
  mesh::GridParams box;
  box.lower_m.clear();
  box.upper_m.clear();
  for (const auto n : cells) {
    box.lower_m.push_back(0);
    box.upper_m.push_back(spacing_m * double(n));
  }
  box.lower_m.back() = -box.upper_m.back();
  box.upper_m.back() = 0;
  box.cells = std::move(cells);
  return box;
}

inline solvers::seismic::WaveGrid grid_of(std::vector<long long> cells, bool free_surface = false,
                                          int width = 8) {
  return solvers::seismic::make_wave_grid(box_of(std::move(cells)), {width, 1e-4}, free_surface, 4,
                                          core::Comm::self());
}

}  // namespace understudy::tests
