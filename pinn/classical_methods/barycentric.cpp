#include "pinn/classical_methods/barycentric.hpp"

#include <algorithm>
#include <cstddef>

namespace understudy::pinn {

std::vector<double> barycentric_weights(const std::vector<double>& x) {
  const double capacity = (x.back() - x.front()) / 4;
  std::vector<double> w(x.size(), 1.0);
  for (std::size_t j = 0; j < x.size(); ++j)
    for (std::size_t k = 0; k < x.size(); ++k)
      if (k != j) w[j] *= capacity / (x[j] - x[k]);
  return w;
}

std::vector<double> lagrange(const std::vector<double>& x, const std::vector<double>& weights,
                             double z) {
  std::vector<double> values(x.size(), 0.0);
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (z == x[j]) {
      std::fill(values.begin(), values.end(), 0.0);
      values[j] = 1;
      return values;
    }
    values[j] = weights[j] / (z - x[j]);
    sum += values[j];
  }
  for (double& value : values) value /= sum;
  return values;
}

std::vector<double> derivative_matrix(const std::vector<double>& x,
                                      const std::vector<double>& weights) {
  const std::size_t n = x.size();
  std::vector<double> d(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j) continue;
      d[i * n + j] = weights[j] / weights[i] / (x[i] - x[j]);
      d[i * n + i] -= d[i * n + j];  // rows sum to 0, which keeps rounding errors small
    }
  return d;
}

}  // namespace understudy::pinn
