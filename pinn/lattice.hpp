// A function of two coordinates and time given on a regular lattice: along each axis the polynomial through the
// four nearest places (Lagrange, third degree, one-sided at the ends).
#pragma once

#include <array>
#include <vector>

namespace understudy::pinn {

/// Places lower + step * n.
struct LatticeAxis {
  double lower = 0, step = 1;
  long long count = 0;
};

class Lattice {
 public:
  std::array<LatticeAxis, 3> axes;  ///< x, y, time; at least four places each
  std::vector<float> values;        ///< [time, y, x]

  double at(double x, double y, double t) const;

 private:
  struct Stencil {
    long long first = 0;
    std::array<double, 4> weight{};
  };
  static Stencil stencil(const LatticeAxis& axis, double at);
};

}  // namespace understudy::pinn
