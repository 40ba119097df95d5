#include "pinn/lattice.hpp"

#include <algorithm>
#include <cmath>

#include "pinn/lagrange.hpp"

namespace understudy::pinn {

Lattice::Stencil Lattice::stencil(const LatticeAxis& axis, double at) {
  const double place = (at - axis.lower) / axis.step;
  Stencil s;
  s.first = std::clamp((long long)(std::floor(place))-1, 0LL, axis.count - 4);
  lagrange_at(place - double(s.first), s.weight);
  return s;
}

double Lattice::at(double x, double y, double t) const {
  const Stencil sx = stencil(axes[0], x), sy = stencil(axes[1], y), st = stencil(axes[2], t);
  double sum = 0;
  for (int c = 0; c < 4; ++c)
    for (int b = 0; b < 4; ++b) {
      const float* row = values.data() +
                         ((st.first + c) * axes[1].count + sy.first + b) * axes[0].count + sx.first;
      double along = 0;
      for (int a = 0; a < 4; ++a) along += sx.weight[a] * row[a];
      sum += st.weight[c] * sy.weight[b] * along;
    }
  return sum;
}

}  // namespace understudy::pinn
