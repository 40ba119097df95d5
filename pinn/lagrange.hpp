// Interpolation on equidistant nodes: what the gridded functions of pinn/ share.
#pragma once

#include <cstddef>
#include <span>

namespace understudy::pinn {

/// Values at `place` of the Lagrange polynomials of the nodes 0, 1 ... weights.size() - 1.
inline void lagrange_at(double place, std::span<double> weights) {
  for (std::size_t n = 0; n < weights.size(); ++n) {
    weights[n] = 1;
    for (std::size_t m = 0; m < weights.size(); ++m)
      if (m != n) weights[n] *= (place - double(m)) / (double(n) - double(m));
  }
}

}  // namespace understudy::pinn
