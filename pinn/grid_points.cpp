// Points of a regular grid in a problem's domain.
#include <cstddef>

#include "pinn/solver.hpp"

namespace understudy::pinn {

Points grid_points(const std::vector<InputInfo>& inputs, const std::vector<int>& counts) {
  std::size_t total = 1;
  for (const int n : counts) total *= std::size_t(n);
  Points points(total, std::vector<double>(counts.size()));
  std::size_t stride = 1;
  for (std::size_t a = 0; a < counts.size(); ++a) {
    const auto n = std::size_t(counts[a]);
    const InputInfo& input = inputs[a];
    for (std::size_t p = 0; p < total; ++p) {
      const double part = n > 1 ? double(p / stride % n) / double(n - 1) : 0.5;
      // The last one to the bit: no point may lie outside of the domain.
      points[p][a] = part == 1 ? input.upper : input.lower + part * (input.upper - input.lower);
    }
    stride *= n;
  }
  return points;
}

}  // namespace understudy::pinn
