// Shallow water on the sphere the classical way: centred fourth-order differences on a grid of longitudes
// and latitudes and the classical Runge-Kutta method of fourth order.
//
// Velocities are vectors of space, whose components are smooth functions over the poles; differences along
// a meridian go on beyond the pole on the opposite one. Latitudes lie half a spacing off the poles.
// Steps are as large as the shortest spacing beside the poles allows, so that the work grows as the fourth
// power of the resolution. Equations: pinn/problems/shallow_water_sphere.cpp; with `frozen` velocities the
// height is carried along only, h_t + v . grad h = 0.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace understudy::pinn {

struct SphereCase {
  double end_s = 0;
  bool frozen = false;
  std::array<double, 3> axis = {0, 0, 1};  ///< of the Coriolis parameter 2 Omega axis . X
  /// h [m], v [m/s] at a point of the unit sphere at time 0.
  std::function<std::array<double, 4>(const std::array<double, 3>& x)> initial;
  int snapshots = 40;  ///< kept at even times, beside the first
};

class SphereDifferences {
 public:
  /// `longitudes`: even, at least 8; half as many latitudes.
  SphereDifferences(const SphereCase& what, int longitudes);
  /// h and v by cubic interpolation in space and time.
  std::array<double, 4> at(double longitude, double latitude, double t) const;

 private:
  struct Run;
  double value(const std::vector<double>& state, int component, double longitude,
               double latitude) const;
  int longitudes_, latitudes_;
  double interval_s_;
  std::vector<std::vector<double>> snapshots_;  ///< [time] of [component][latitude][longitude]
};

}  // namespace understudy::pinn
