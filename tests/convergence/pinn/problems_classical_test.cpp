// The usual methods that networks are compared with converge as their kind does: with an order
// (differences) or faster than any (spectral ones).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "pinn/problems/problems.hpp"
#include "support/torch_pinn_problem_probe.hpp"

namespace {

using namespace understudy::pinn;

std::vector<std::vector<double>> grid(const Problem& problem, int along) {
  std::vector<std::vector<double>> points{{}};
  for (const auto& info : problem.inputs) {
    std::vector<std::vector<double>> longer;
    for (const auto& point : points)
      for (int n = 0; n <= along; ++n) {
        longer.push_back(point);
        longer.back().push_back(info.lower + (info.upper - info.lower) * n / along);
      }
    points = std::move(longer);
  }
  return points;
}

// Errors of all resolutions, printed as a table.
std::vector<double> errors(const Problem& problem) {
  const auto points = grid(problem, problem.inputs.size() > 2 ? 13 : 37);
  const auto truth = problem.reference(points);
  std::vector<double> result;
  for (const int n : problem.classical.resolutions) {
    result.push_back(probe::distance(problem.classical.solve(n)(points), truth));
    std::printf("%-30s %5d %.2e\n", problem.name.c_str(), n, result.back());
  }
  return result;
}

double order(const Problem& problem, const std::vector<double>& errors, std::size_t coarse,
             std::size_t fine) {
  return std::log(errors[coarse] / errors[fine]) /
         std::log(double(problem.classical.resolutions[fine]) /
                  problem.classical.resolutions[coarse]);
}

TEST(ClassicalMethods, DifferencesHaveTheirOrder) {
  for (const auto& entry : {advection(), wave_1d(), wave_2d()}) {
    const auto problem = probe::made(entry);
    const auto e = errors(*problem);
    const double measured = order(*problem, e, e.size() - 3, e.size() - 1);
    EXPECT_GT(measured, 3.7) << entry.name;
    EXPECT_LT(e.back(), 1e-3) << entry.name;
  }
}

TEST(ClassicalMethods, SpectralOnesReachTheReference) {
  const std::vector<std::pair<ProblemEntry, double>> cases = {
      {burgers(), 1e-6},
      {allen_cahn(), 1e-5},
      {korteweg_de_vries(), 1e-6},
      {kuramoto_sivashinsky(), 1e-5},
      {kuramoto_sivashinsky_chaotic(), 1e-2},
      {helmholtz_1d(), 1e-8},
      {helmholtz_2d(), 1e-8}};
  for (const auto& [entry, bound] : cases) {
    const auto problem = probe::made(entry);
    const auto e = errors(*problem);
    EXPECT_LT(e.back(), bound) << entry.name;
    EXPECT_TRUE(std::is_sorted(problem->classical.resolutions.begin(),
                               problem->classical.resolutions.end()));
  }
}

}  // namespace
