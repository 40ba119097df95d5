// The Helmholtz equation by Chebyshev collocation (Trefethen 2000, programs 13 and 17), on the square with
// the eigenvectors of one axis' second derivative (Lynch, Rice & Thomas 1964), so that it costs matrix
// products of size `degree` only. Errors fall exponentially with the degree.
#pragma once

#include <functional>
#include <vector>

namespace understudy::pinn {

/// u_xx [+ u_yy] + k^2 u = q on [-1, 1] [squared], u = 0 on the sides.
struct HelmholtzRun {
  int axes = 1;  ///< 1 or 2
  int degree = 16;
  double wave_number = 0;
  std::function<double(const std::vector<double>& point)> source;
};

struct ChebyshevSolution {
  std::vector<double> nodes;   ///< cos(pi n / degree)
  std::vector<double> values;  ///< first axis fastest
  int axes = 1;
  /// [point] by barycentric interpolation (Berrut & Trefethen 2004, eq. 5.4)
  std::vector<double> at(const std::vector<std::vector<double>>& points) const;
};

ChebyshevSolution solve_helmholtz(const HelmholtzRun& run);

}  // namespace understudy::pinn
