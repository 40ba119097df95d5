// The free surface's differences: exact for polynomials, and summing by parts, which keeps the energy.
#include <gtest/gtest.h>

#include <cmath>

#include "solvers/seismic/elastic/surface_closure.hpp"

namespace understudy::tests {
namespace {

using namespace solvers::seismic;

// Row r of a table applied to values at columns + shift.
template <class F>
double applied(const std::vector<double>& table, const SurfaceDifferences& d, int row, double shift,
               const F& value) {
  double sum = 0;
  for (int c = 0; c < d.columns; ++c) sum += table[row * d.columns + c] * value(c + shift);
  return sum;
}

TEST(SurfaceClosure, ExactForPolynomials) {
  for (const int order : {4, 8}) {
    const SurfaceDifferences d = surface_differences(order);
    for (int degree = 0; degree <= (order == 4 ? 2 : 3); ++degree) {
      const auto power = [&](double z) { return degree == 0 ? 1.0 : std::pow(z / 8, degree); };
      const auto slope = [&](double z) {
        return degree == 0 ? 0.0 : degree * std::pow(z / 8, degree - 1) / 8;
      };
      for (int r = 0; r <= d.rows; ++r) {
        EXPECT_NEAR(applied(d.velocity_to_centres, d, r, 0, power), slope(r + 0.5), 1e-13);
        if (r > 0) {
          EXPECT_NEAR(applied(d.velocity_to_nodes, d, r, 0.5, power), slope(r), 1e-13);
        }
        if (degree == 0) continue;  // stresses vanish at the surface
        EXPECT_NEAR(applied(d.stress_to_nodes, d, r, 0.5, power), slope(r), 1e-13);
        EXPECT_NEAR(applied(d.stress_to_centres, d, r, 0, power), slope(r + 0.5), 1e-13);
      }
    }
  }
}

TEST(SurfaceClosure, SumsByParts) {
  for (const int order : {4, 8}) {
    const SurfaceDifferences d = surface_differences(order);
    for (int n = 0; n <= d.rows; ++n)
      for (int c = 0; c <= d.rows; ++c) {
        const int nc = n * d.columns + c, cn = c * d.columns + n;
        EXPECT_NEAR(d.centre_weight[c] * d.velocity_to_centres[cn],
                    -d.node_weight[n] * d.stress_to_nodes[nc], 1e-14);
        EXPECT_NEAR(d.node_weight[n] * d.velocity_to_nodes[nc],
                    -d.centre_weight[c] * d.stress_to_centres[cn], 1e-14);
      }
    for (const double w : d.node_weight) EXPECT_GT(w, 0.3);
    for (const double w : d.centre_weight) EXPECT_GT(w, 0.3);
  }
}

}  // namespace
}  // namespace understudy::tests
