// Runge-Kutta schemes of the shallow-water step, as sums of Euler steps (Shu and Osher 1988; Spiteri and Ruuth 2002):
// in each stage U becomes a U_0 + b (U + c dt L(U)).
#pragma once

#include <string>
#include <vector>

namespace understudy::solvers::shallow_water {

struct Stage {
  double start, current, dt;  ///< a, b, c
};

/// ssp_rk3: three stages, third order. ssp_rk43: four stages of half a step, third order, whose largest step is
/// 1.2 to 1.3 times as long on waves and twice as long on what decays.
inline std::vector<Stage> stages(const std::string& scheme) {
  if (scheme == "ssp_rk3") return {{0, 1, 1}, {0.75, 0.25, 1}, {1.0 / 3, 2.0 / 3, 1}};
  return {{0, 1, 0.5}, {0, 1, 0.5}, {2.0 / 3, 1.0 / 3, 0.5}, {0, 1, 0.5}};
}

}  // namespace understudy::solvers::shallow_water
