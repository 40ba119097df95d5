// The polynomial through values at any points by barycentric weights (Berrut & Trefethen 2004) (private to
// pinn/): what the collocation methods interpolate and differentiate with.
#pragma once

#include <vector>

namespace understudy::pinn {

/// 1 / prod_(k != j) (x_j - x_k), scaled against overflow; a common factor does not matter.
std::vector<double> barycentric_weights(const std::vector<double>& x);
/// Values of the points' Lagrange polynomials at z, which sum up to 1 (eq. 4.2). On a point its own is
/// exactly 1.
std::vector<double> lagrange(const std::vector<double>& x, const std::vector<double>& weights,
                             double z);
/// Derivative of the polynomial at its own points, [point, point] row by row (eq. 9.4, 9.5).
std::vector<double> derivative_matrix(const std::vector<double>& x,
                                      const std::vector<double>& weights);

}  // namespace understudy::pinn
