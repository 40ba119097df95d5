// Runge-Kutta schemes of the shallow-water step, as sums of Euler steps (Shu and Osher 1988; Spiteri and Ruuth 2002;
// Ketcheson 2008 in low storage): in each stage U becomes a B + b (U + c dt L(U)), B being the step's start; after
// a stage that says so B becomes p B + q U.
#pragma once

#include <string>
#include <vector>

namespace understudy::solvers::shallow_water {

struct Stage {
  double start, current, dt;                ///< a, b, c
  double keep_start = 1, keep_current = 0;  ///< p, q
};

/// ssp_rk3: three stages, third order. ssp_rk43: four stages of half a step, third order, whose largest step is
/// 1.2 times as long on waves and twice as long on what decays. ssp_rk104: ten stages, fourth order.
inline std::vector<Stage> stages(const std::string& scheme) {
  if (scheme == "ssp_rk3") return {{0, 1, 1}, {0.75, 0.25, 1}, {1.0 / 3, 2.0 / 3, 1}};
  if (scheme == "ssp_rk43") return {{0, 1, 0.5}, {0, 1, 0.5}, {2.0 / 3, 1.0 / 3, 0.5}, {0, 1, 0.5}};
  std::vector<Stage> ten(10, Stage{0, 1, 1.0 / 6});
  ten[4] = {0.6, 0.4, 1.0 / 6, -0.5, 0.9};
  ten[9] = {1, 0.6, 1.0 / 6};
  return ten;
}

}  // namespace understudy::solvers::shallow_water
