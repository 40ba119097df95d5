// Values on a uniform grid of up to three axes as a function: polynomials of degree 7 through the eight
// nearest nodes of each axis, so that what a solver of order four or six gave keeps its error in between.
#pragma once

#include <array>
#include <vector>

namespace understudy::pinn {

struct LagrangeWeights {
  int first = 0;  ///< node; a periodic axis counts on beyond its ends
  std::vector<double> weights;
};

/// At `place` in nodes, 0 ... count - 1, of an axis with `count` nodes. On a node its weight is exactly 1.
LagrangeWeights lagrange_weights(double place, int count, bool periodic);

/// How many steps to take, at least `wanted`, and how many of them lie between instants kept, so that at
/// most `keep` are, all equally far apart.
struct KeptSteps {
  int steps = 1, interval = 1;
};
KeptSteps keep_steps(int wanted, int keep);

struct UniformAxis {
  double lower = 0, step = 1;
  int count = 1;
  bool periodic = false;  ///< node `count` is node 0
};

struct UniformSamples {
  std::array<UniformAxis, 3> axes;
  std::vector<double> values;  ///< axis 0 fastest
  double at(const std::array<double, 3>& point) const;
};

}  // namespace understudy::pinn
