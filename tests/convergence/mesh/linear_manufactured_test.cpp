// Second-order convergence to manufactured solutions of alpha x - div(beta grad x) = b, for every
// mix of boundary kinds in two and three dimensions and for every method of this build; varying
// beta too. Per axis the solution is the lowest wave that the two sides allow.
#include <gtest/gtest.h>

#include <cstdio>

#include "support/mesh_linear_problem.hpp"

namespace {

using namespace linear_test;

constexpr double pi = 3.14159265358979323846;

/// One axis of the solution on [0, length]: value and wave number.
struct Wave {
  double number = 0, phase = 0;
  double operator()(double x) const { return std::cos(number * x + phase); }
};

Wave wave(LinearBoundary lower, LinearBoundary upper, double length) {
  using B = LinearBoundary;
  if (lower == B::periodic) return {2 * pi / length, 0.3};
  if (lower == B::neumann) return {upper == B::neumann ? pi / length : pi / 2 / length, 0};
  return {upper == B::neumann ? pi / 2 / length : pi / length, -pi / 2};
}

/// Largest error of x; cells of a uniform problem.
double error(const Case& c, const std::string& method) {
  const auto problem = make_problem<double>(c);
  const mesh::Grid& g = *problem.grid;
  std::array<Wave, 3> waves;
  double square = 0;
  for (int a = 0; a < g.dimension(); ++a) {
    waves[a] = wave(problem.boundary[2 * a], problem.boundary[2 * a + 1], c.upper[a]);
    square += waves[a].number * waves[a].number;
  }
  auto exact = [&](double x, double y, double z) {
    return waves[0](x) * waves[1](y) * (g.dimension() == 3 ? waves[2](z) : 1.0);
  };
  const auto truth = field<double>(g, exact);
  const auto b = field<double>(
      g, [&](double x, double y, double z) { return (c.alpha + square) * exact(x, y, z); });
  auto x = field<double>(g, [](double, double, double) { return 0.0; });
  mesh::LinearSolverParams params;
  params.method = method;
  params.tolerance = 1e-11;
  params.max_iterations = 200;
  mesh::make_linear_solver<double>(params, problem)->solve(b, x);
  return max_difference(g, truth, x);
}

void check_order(const std::string& mix, const std::vector<long long>& cells,
                 const std::vector<double>& upper, const std::string& method) {
  double errors[3];
  for (int level = 0; level < 3; ++level) {
    std::vector<long long> n = cells;
    for (long long& m : n) m <<= level;
    errors[level] = error({mix, n, upper, 0.7}, method);
  }
  const double first = std::log2(errors[0] / errors[1]), second = std::log2(errors[1] / errors[2]);
  std::printf("%-10s %-10s  %.3e %.3e %.3e  order %.2f %.2f\n", method.c_str(), mix.c_str(),
              errors[0], errors[1], errors[2], first, second);
  EXPECT_GT(second, 1.9) << method << " " << mix;
  EXPECT_LT(second, 2.2) << method << " " << mix;
}

TEST(LinearManufactured, SecondOrderInThePlane) {
  for (const std::string& method : mesh::linear_solver_methods())
    for (const std::string& mix : mixes_2d()) check_order(mix, {12, 10}, {1.0, 0.8}, method);
}

TEST(LinearManufactured, SecondOrderInTheBox) {
  for (const std::string& method : mesh::linear_solver_methods())
    for (const std::string& mix : mixes_3d()) check_order(mix, {8, 6, 7}, {1.0, 0.8, 0.9}, method);
}

/// x = cos(pi x) cos(2 pi y + 0.3), beta = 2 + cos(pi x), x Neumann, y periodic.
double varying_error(int n, const std::string& method) {
  auto problem = make_problem<double>({"nn pp", {n, n}, {1, 1}});
  const mesh::Grid& g = *problem.grid;
  auto beta = [](double x, double, double) { return 2 + std::cos(pi * x); };
  problem.beta[0] = field<double>(g, beta, mesh::Location::face_x);
  problem.beta[1] = field<double>(g, beta, mesh::Location::face_y);
  auto exact = [](double x, double y, double) {
    return std::cos(pi * x) * std::cos(2 * pi * y + 0.3);
  };
  const auto truth = field<double>(g, exact);
  const auto b = field<double>(g, [&](double x, double y, double z) {
    // -div(beta grad u) = 5 pi^2 beta u - (pi sin pi x)^2 cos(2 pi y + 0.3)
    return 5 * pi * pi * beta(x, y, z) * exact(x, y, z) -
           std::pow(pi * std::sin(pi * x), 2) * std::cos(2 * pi * y + 0.3);
  });
  auto x = field<double>(g, [](double, double, double) { return 0.0; });
  mesh::LinearSolverParams params;
  params.method = method;
  params.tolerance = 1e-11;
  params.max_iterations = 200;
  mesh::make_linear_solver<double>(params, problem)->solve(b, x);
  return max_difference(g, truth, x);
}

TEST(LinearManufactured, SecondOrderWithVaryingCoefficient) {
  for (const std::string& method : mesh::linear_solver_methods()) {
    if (method == "fft") continue;
    const double coarse = varying_error(20, method), fine = varying_error(40, method);
    std::printf("%-10s varying  %.3e %.3e  order %.2f\n", method.c_str(), coarse, fine,
                std::log2(coarse / fine));
    EXPECT_GT(std::log2(coarse / fine), 1.9) << method;
  }
}

}  // namespace
