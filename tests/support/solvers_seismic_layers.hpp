// How long absorbing layers of elastic waves hold: what of a shot's energy is there after many steps.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {

struct LayeredEarth {
  std::string name;
  std::vector<LayerParams> layers;
};

/// Layered media that guide waves; depths in m.
inline std::vector<LayeredEarth> guiding_earths() {
  return {{"rock over a slow bed", {{0, 3000, 1500, 2200}, {150, 1800, 600, 2000}}},
          {"a slow bed over rock", {{0, 1800, 600, 2000}, {100, 3500, 2000, 2500}}},
          {"a slow bed within rock",
           {{0, 3000, 1500, 2200}, {80, 1800, 500, 2000}, {180, 3000, 1500, 2200}}},
          {"water over rock over a slow bed",
           {{0, 1500, 0, 1000}, {60, 3000, 1500, 2200}, {150, 1800, 600, 2000}}}};
}

struct LayerTrial {
  LayeredEarth earth;
  int order = 8, width = 20;
  double reflection = 1e-4;
  bool free_surface = true;
};

/// Kinetic energy after `steps` steps, largest of the last tenth, over the largest of all.
inline double energy_left(const LayerTrial& trial, long long steps) {
  ElasticCase c;
  c.box = {{0, -300}, {400, 0}, {40, 30}, {}};
  c.order = trial.order;
  c.free_surface = trial.free_surface;
  c.model.kind = "layered";
  c.model.layers = trial.earth.layers;
  c.layer_cells = trial.width;
  c.reflection = trial.reflection;
  c.at = {103, 0, 113};
  c.frequency_hz = 8;
  c.end_s = 0.4;
  ElasticRun<float> run(c);
  double most = 0, late = 0;
  // Often enough to see the direct wave, however many steps follow.
  const long long part = std::clamp(steps / 50, 1LL, 80LL);
  for (long long done = part; done <= steps; done += part) {
    run.solver.advance(run.state, double(part) * c.step());
    const double energy = run.solver.kinetic_energy(run.state);
    if (!std::isfinite(energy)) return HUGE_VAL;
    most = std::max(most, energy);
    if (10 * done > 9 * steps) late = std::max(late, energy);
  }
  return late / most;
}

}  // namespace understudy::tests
