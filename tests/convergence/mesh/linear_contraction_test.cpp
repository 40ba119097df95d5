// The default V-cycle (one red-black sweep before, one after) contracts the residual at least
// fivefold, at a rate that does not depend on the size: 2-D to 1024^2, 3-D to 128^3, odd sizes, all
// boundary mixes.
#include <gtest/gtest.h>

#include <cstdio>

#include "support/mesh_linear_problem.hpp"

namespace {

using namespace linear_test;

struct Rate {
  double worst = 0, mean = 0;  ///< residual after / before one cycle
};

/// Cycles from noise until the residual is 1e-9 of b's (above round-off of the largest grids).
Rate contraction(const mesh::LinearProblem<double>& problem) {
  mesh::LinearSolverParams params;
  params.method = "multigrid";
  params.max_iterations = 1;
  params.tolerance = 1e-14;
  auto solver = mesh::make_linear_solver<double>(params, problem);
  auto b = noise<double>(*problem.grid);
  auto x = field<double>(*problem.grid, [](double, double, double) { return 0.0; });
  Rate rate;
  int cycles = 0;
  double residual = 1;
  while (residual > 1e-9 && cycles < 60) {
    const mesh::SolveReport report = solver->solve(b, x);
    const double factor = report.residual / report.initial_residual;
    rate.worst = std::max(rate.worst, factor);
    residual = report.residual;
    ++cycles;
  }
  rate.mean = std::pow(residual, 1.0 / cycles);
  return rate;
}

void table(const std::vector<Case>& cases) {
  std::printf("%-44s %10s %10s\n", "problem", "mean", "worst");
  for (const Case& c : cases) {
    const Rate rate = contraction(make_problem<double>(c));
    std::ostringstream name;
    name << c;
    std::printf("%-44s %10.3f %10.3f\n", name.str().c_str(), rate.mean, rate.worst);
    std::fflush(stdout);
    EXPECT_LE(rate.worst, 0.2) << c;
  }
}

TEST(LinearContraction, PlaneAnySize) {
  std::vector<Case> cases;
  for (const long long n : {32, 64, 128, 256, 512, 1024})
    cases.push_back({"nn nn", {n, n}, {1, 1}});
  for (const long long n : {127, 511, 1001}) cases.push_back({"nd nn", {n, n}, {1, 1}});
  cases.push_back({"nd nn", {100, 75}, {4, 3}});
  cases.push_back({"pp nn", {97, 61}, {97, 61}});
  cases.push_back({"pp pp", {75, 100}, {75, 100}});
  table(cases);
}

TEST(LinearContraction, PlaneAnyBoundary) {
  std::vector<Case> cases;
  for (const std::string& mix : mixes_2d()) cases.push_back({mix, {160, 96}, {160, 96}});
  table(cases);
}

TEST(LinearContraction, BoxAnySize) {
  std::vector<Case> cases;
  for (const long long n : {16, 32, 64, 128}) cases.push_back({"nn nn nn", {n, n, n}, {1, 1, 1}});
  cases.push_back({"nd pp nn", {100, 45, 61}, {100, 45, 61}});
  cases.push_back({"pp pp pp", {63, 63, 63}, {1, 1, 1}});
  table(cases);
}

TEST(LinearContraction, BoxAnyBoundary) {
  std::vector<Case> cases;
  for (const std::string& mix : mixes_3d()) cases.push_back({mix, {40, 32, 48}, {40, 32, 48}});
  table(cases);
}

TEST(LinearContraction, AnisotropicSpacing) {
  std::vector<Case> cases;
  for (const double ratio : {1.2, 1.5, 2.0, 4.0, 10.0, 100.0})
    cases.push_back({"nn nd", {128, 128}, {1, ratio}});
  cases.push_back({"nn pp nd", {48, 48, 48}, {1, 4, 2}});
  cases.push_back({"nn pp nd", {48, 48, 48}, {1, 1, 20}});
  table(cases);
}

}  // namespace
