// Linear waves on a uniform grid by central differences of sixth order: the usual methods to compare
// networks with where a Fourier series would be the solution itself.
#pragma once

#include <array>
#include <functional>

#include "pinn/classical_methods/uniform_samples.hpp"

namespace understudy::pinn {

/// u_t + c u_x = 0 on the period [0, length) by the classical Runge-Kutta scheme.
struct AdvectionRun {
  double speed = 1, length = 1, end = 1;
  int points = 64, steps = 100;
  std::function<double(double x)> initial = {};
};
/// Axes: x, t.
UniformSamples advect(const AdvectionRun& run);

/// u_tt = c^2 (u_xx + u_yy) on [0, 1] or the unit square, u = 0 on its sides, at rest at first. The modified
/// equation in time (Dablain 1986) gives fourth order: (u+ - 2 u + u-) / dt^2 = L u + dt^2 / 12 L L u.
struct WaveRun {
  double speed = 1, end = 1;
  int axes = 1;    ///< 1 or 2
  int cells = 32;  ///< along an axis
  int steps = 100;
  std::function<double(const std::array<double, 2>& point)> initial = {};
};
/// Axes: x, t or x, y, t.
UniformSamples propagate(const WaveRun& run);

}  // namespace understudy::pinn
