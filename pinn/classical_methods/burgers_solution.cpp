#include "pinn/classical_methods/burgers_solution.hpp"

#include <cmath>
#include <numbers>

namespace understudy::pinn {

using std::numbers::pi;

// u = -int sin(pi (x - y)) f(x - y) exp(-y^2 / 4 nu t) dy / int f(x - y) exp(-y^2 / 4 nu t) dy with
// f(y) = exp(-cos(pi y) / (2 pi nu)); y = 2 sqrt(nu t) z.
double burgers_solution(double nu, double at_x, double at_t) {
  if (at_t <= 0) return -std::sin(pi * at_x);
  // The trapezoidal rule converges exponentially here. f spans exp(1 / (pi nu)), so that places with
  // weights exp(-z^2) as small as that still count; exp(-39) is what rounding leaves.
  constexpr int nodes = 801;
  const double most = std::sqrt(39 + 1 / (pi * nu));
  double above = 0, below = 0;
  for (int n = 0; n < nodes; ++n) {
    const double z = most * (2.0 * n / (nodes - 1) - 1);
    const double y = at_x - 2 * std::sqrt(nu * at_t) * z;
    // Taken from its largest value, exp(1 / (2 pi nu)), which would overflow for small nu.
    const double f = std::exp(-(std::cos(pi * y) + 1) / (2 * pi * nu) - z * z);
    above -= std::sin(pi * y) * f;
    below += f;
  }
  return above / below;
}

}  // namespace understudy::pinn
