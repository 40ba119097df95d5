#include "pinn/training/adaptive.hpp"

#include <cmath>

namespace understudy::pinn {

std::vector<double> adapted_distribution(std::span<const double> residual, double power,
                                         double floor) {
  std::vector<double> sums;
  double mean = 0;
  for (const double r : residual) mean += std::pow(std::abs(r), power) / double(residual.size());
  double sum = 0;
  for (const double r : residual) {
    sum += (mean > 0 ? std::pow(std::abs(r), power) / mean : 1) + floor;
    sums.push_back(sum);
  }
  for (double& s : sums) s /= sum;
  return sums;
}

std::vector<std::int64_t> draw_from(std::span<const double> distribution, std::int64_t count,
                                    core::SplitMix& random) {
  std::vector<std::int64_t> drawn;
  drawn.reserve(std::size_t(count));
  std::size_t at = 0;
  for (std::int64_t n = 0; n < count; ++n) {
    const double x = (double(n) + random.uniform()) / double(count);
    while (at + 1 < distribution.size() && distribution[at] <= x) ++at;
    drawn.push_back(std::int64_t(at));
  }
  return drawn;
}

}  // namespace understudy::pinn
