#include "pinn/classical_methods/uniform_samples.hpp"

#include <algorithm>
#include <cmath>

#include "pinn/lagrange.hpp"

namespace understudy::pinn {

LagrangeWeights lagrange_weights(double place, int count, bool periodic) {
  constexpr int most = 8;
  const int nodes = std::min(most, count);
  LagrangeWeights result;
  result.first = int(std::floor(place)) - (nodes / 2 - 1);
  if (nodes == 1) result.first = 0;
  if (!periodic) result.first = std::clamp(result.first, 0, count - nodes);
  result.weights.assign(std::size_t(nodes), 0.0);
  const double nearest = std::round(place);
  // Rounding of t / interval is no reason to leave a node.
  constexpr double on_node = 1e-9;
  const int index = int(nearest) - result.first;
  if (std::abs(place - nearest) < on_node && index >= 0 && index < nodes) {
    result.weights[std::size_t(index)] = 1;
    return result;
  }
  lagrange_at(place - result.first, result.weights);
  return result;
}

KeptSteps keep_steps(int wanted, int keep) {
  const int interval = (wanted + keep - 1) / keep;
  return {(wanted + interval - 1) / interval * interval, interval};
}

double UniformSamples::at(const std::array<double, 3>& point) const {
  std::array<LagrangeWeights, 3> w;
  for (std::size_t a = 0; a < 3; ++a)
    w[a] = lagrange_weights((point[a] - axes[a].lower) / axes[a].step, axes[a].count,
                            axes[a].periodic);
  const auto node = [&](std::size_t a, std::size_t n) {
    const int count = axes[a].count;
    return std::size_t(((w[a].first + int(n)) % count + count) % count);
  };
  double sum = 0;
  for (std::size_t k = 0; k < w[2].weights.size(); ++k) {
    if (w[2].weights[k] == 0) continue;
    for (std::size_t j = 0; j < w[1].weights.size(); ++j) {
      if (w[1].weights[j] == 0) continue;
      const std::size_t row =
          std::size_t(axes[0].count) * (node(1, j) + std::size_t(axes[1].count) * node(2, k));
      double inner = 0;
      for (std::size_t i = 0; i < w[0].weights.size(); ++i)
        inner += w[0].weights[i] * values[row + node(0, i)];
      sum += w[2].weights[k] * w[1].weights[j] * inner;
    }
  }
  return sum;
}

}  // namespace understudy::pinn
