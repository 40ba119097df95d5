#include "solvers/seismic/inversion/regularisation.hpp"

#include <array>
#include <cmath>

namespace understudy::solvers::seismic {

double Regularisation::add(std::span<const double> m, const mesh::GridParams& grid,
                           std::span<double> gradient) const {
  if (tikhonov == 0 && total_variation == 0) return 0;
  std::array<long long, 3> cells{1, 1, 1};
  for (int a = 0; a < grid.dimension(); ++a) cells[a] = grid.cells[a];
  const std::array<long long, 3> stride{1, cells[0], cells[0] * cells[1]};
  const double share = 1 / double(m.size());
  double value = 0;
  for (long long k = 0; k < cells[2]; ++k)
    for (long long j = 0; j < cells[1]; ++j)
      for (long long i = 0; i < cells[0]; ++i) {
        const std::array<long long, 3> at{i, j, k};
        const long long n = i + stride[1] * j + stride[2] * k;
        std::array<double, 3> step{0, 0, 0};
        double square = 0;
        for (int a = 0; a < 3; ++a) {
          if (at[a] + 1 < cells[a]) step[a] = m[n + stride[a]] - m[n];
          square += step[a] * step[a];
        }
        const double length = std::sqrt(square + edge * edge);
        value += share * (0.5 * tikhonov * square + total_variation * (length - edge));
        const double slope = share * (tikhonov + total_variation / length);
        for (int a = 0; a < 3; ++a) {
          if (at[a] + 1 >= cells[a]) continue;
          gradient[n + stride[a]] += slope * step[a];
          gradient[n] -= slope * step[a];
        }
      }
  return value;
}

}  // namespace understudy::solvers::seismic
