// Multigrid solves the discrete equation for every mix of boundary kinds, any size, both
// precisions, any split over ranks, uniform and varying coefficients, alone and under conjugate
// gradients.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/joined.hpp"
#include "support/mesh_linear_problem.hpp"

namespace {

using namespace linear_test;

template <class Real>
struct Solved {
  mesh::SolveReport report;
  double residual;
};

template <class Real>
Solved<Real> solve_noise(const mesh::LinearProblem<Real>& problem, double tolerance,
                         bool krylov = false) {
  mesh::LinearSolverParams params;
  params.method = "multigrid";
  params.tolerance = tolerance;
  params.krylov = krylov;
  auto solver = mesh::make_linear_solver<Real>(params, problem);
  EXPECT_EQ(solver->name(), "multigrid");
  auto b = noise<Real>(*problem.grid);
  auto x = noise<Real>(*problem.grid, 7);
  const mesh::SolveReport report = solver->solve(b, x);
  return {report, relative_residual(problem, b, x)};
}

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const std::string& mix : mixes_2d())
    for (const std::vector<long long>& cells :
         {std::vector<long long>{32, 24}, {25, 32}, {97, 61}, {17, 21}})
      list.push_back({mix, cells, {1.0, double(cells[1]) / cells[0]}});
  for (const std::string& mix : mixes_3d())
    for (const std::vector<long long>& cells :
         {std::vector<long long>{16, 12, 20}, {15, 16, 9}, {10, 11, 8}})
      list.push_back({mix, cells, {1.0, 0.8, 1.2}});
  return list;
}

TEST(LinearMultigrid, SolvesEveryMix) {
  for (const Case& c : cases()) {
    const auto solved = solve_noise<double>(make_problem<double>(c), 1e-10);
    EXPECT_TRUE(solved.report.converged) << c << " iterations " << solved.report.iterations;
    EXPECT_LT(solved.residual, 1.5e-10) << c;
    EXPECT_NEAR(solved.report.residual, solved.residual, 0.2 * solved.residual) << c;
    EXPECT_LT(solved.report.iterations, 20) << c;
  }
}

TEST(LinearMultigrid, SinglePrecisionStopsHonestly) {
  for (const std::string& mix : mixes_2d()) {
    const Case c{mix, {64, 48}, {1.0, 0.75}};
    const auto loose = solve_noise<float>(make_problem<float>(c), 1e-4);
    EXPECT_TRUE(loose.report.converged) << c;
    EXPECT_LT(loose.residual, 2e-4) << c;
    const auto strict = solve_noise<float>(make_problem<float>(c), 1e-16);
    EXPECT_FALSE(strict.report.converged) << c;  // cannot be: the report must not say so
    EXPECT_LT(strict.report.iterations, 40) << c;
    EXPECT_GT(strict.report.residual, 1e-16) << c;
  }
}

TEST(LinearMultigrid, ConjugateGradients) {
  for (const char* mix : {"nn nn", "nd pp", "dd dn"}) {
    const auto solved =
        solve_noise<double>(make_problem<double>({mix, {60, 44}, {1, 1}}), 1e-10, true);
    EXPECT_TRUE(solved.report.converged) << mix;
    EXPECT_LT(solved.residual, 2e-10) << mix;
    EXPECT_LT(solved.report.iterations, 14) << mix;
  }
}

template <class Real>
mesh::LinearProblem<Real> varying(const Case& c, double jump) {
  auto problem = make_problem<Real>(c);
  const mesh::Location faces[3] = {mesh::Location::face_x, mesh::Location::face_y,
                                   mesh::Location::face_z};
  for (int a = 0; a < problem.grid->dimension(); ++a)
    problem.beta[a] = field<Real>(
        *problem.grid,
        [&](double x, double y, double) {
          if (jump == 0) return 1 + 0.5 * std::sin(6.283185307 * x) * std::cos(6.283185307 * y);
          return std::hypot(x - 0.5, y - 0.5) < 0.25 ? jump : 1.0;
        },
        faces[a]);
  return problem;
}

TEST(LinearMultigrid, VaryingCoefficient) {
  for (const char* mix : {"nn nn", "nd pp", "pp pp"}) {
    const auto smooth = solve_noise<double>(varying<double>({mix, {63, 48}, {1, 1}}, 0), 1e-10);
    EXPECT_TRUE(smooth.report.converged) << mix;
    EXPECT_LT(smooth.residual, 2e-10) << mix;
    EXPECT_LT(smooth.report.iterations, 18) << mix;
    // Round-off bounds the residual of a jump by eps (8 beta / h^2) |x| / |b|, 7e-10 |x| / |b| here.
    const auto jump =
        solve_noise<double>(varying<double>({mix, {64, 64}, {1, 1}}, 100), 1e-8, true);
    EXPECT_TRUE(jump.report.converged) << mix;
    EXPECT_LT(jump.residual, 2e-8) << mix;
    EXPECT_LT(jump.report.iterations, 40) << mix;  // CG steps; the default is to stop at 60
  }
  const auto deep =
      solve_noise<double>(varying<double>({"nn pp nd", {20, 16, 18}, {1, 1, 1}}, 0), 1e-10);
  EXPECT_TRUE(deep.report.converged);
  EXPECT_LT(deep.residual, 2e-10);
}

Array3<double> widened(const Array3<float>& narrow) {
  const auto from = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), narrow);
  Array3<double> wide("wide", narrow.extent(0), narrow.extent(1), narrow.extent(2));
  const auto to = Kokkos::create_mirror_view(wide);
  for (std::size_t n = 0; n < from.size(); ++n) to.data()[n] = from.data()[n];
  Kokkos::deep_copy(wide, to);
  return wide;
}

double largest(const mesh::Grid& grid, const Array3<double>& x) {
  return max_difference(grid, x, Array3<double>("zero", x.layout()));
}

// A smooth right-hand side, whose solution is large against it and so against round-off: cycles in single
// precision end at a residual of 1e-5 to 1e-4 on such grids. The correction of a residual in double
// precision goes on, and leaves the solution in double rounded to single.
TEST(LinearMultigrid, SinglePrecisionReachesTightTolerances) {
  const bool alone = core::Comm::world().size() == 1;
  const long long n = alone ? 256 : 64, m = alone ? 40 : 24;
  std::vector<Case> list{
      {"nn nn", {n, n}, {1, 1}},          {"pp pp", {n, n}, {1, 1}},
      {"nd pp", {n, n - 1}, {1, 1.2}},    {"dd nd", {n, n}, {1, 1}, 3.0},
      {"pp pp pp", {m, m, m}, {1, 1, 1}}, {"nn nd pp", {m, m, m + 3}, {1, 1, 1.5}}};
  for (const Case& c : list)
    for (const bool krylov : {false, true})
      for (const bool variable : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << c << (krylov ? " krylov" : "") << (variable ? " varying" : ""));
        const auto single = variable ? varying<float>(c, 0) : make_problem<float>(c);
        auto exact = make_problem<double>(c);
        if (variable)
          for (int a = 0; a < exact.grid->dimension(); ++a) exact.beta[a] = widened(single.beta[a]);
        const auto b = field<float>(*single.grid, [](double x, double y, double z) {
          return std::cos(6.283185307 * x) * std::cos(3.14159265 * y) + 0.3 * std::sin(z) + 2;
        });
        mesh::LinearSolverParams params;
        params.method = "multigrid";
        params.tolerance = 1e-7;
        params.krylov = krylov;
        auto x = noise<float>(*single.grid, 7);
        const auto report = mesh::make_linear_solver<float>(params, single)->solve(b, x);
        EXPECT_TRUE(report.converged) << report.residual;
        EXPECT_LE(report.residual, 1e-7);
        params.tolerance = 1e-9;
        params.krylov = false;
        auto wanted = widened(x);
        EXPECT_TRUE(
            mesh::make_linear_solver<double>(params, exact)->solve(widened(b), wanted).converged);
        EXPECT_LT(max_difference(*single.grid, widened(x), wanted),
                  2e-7 * largest(*single.grid, wanted));
      }
}

TEST(LinearMultigrid, Anisotropic) {
  // 1e-8: with a box of 1 x 300 round-off alone leaves 1e-9, eps (2/h_x)^2 |x| / |b|.
  for (const std::vector<double>& upper :
       {std::vector<double>{1, 10}, {20, 1}, {1, 1.5}, {1, 300}}) {
    const Case c{"nn nd", {64, 64}, upper};
    const auto solved = solve_noise<double>(make_problem<double>(c), 1e-8);
    EXPECT_TRUE(solved.report.converged) << c;
    EXPECT_LT(solved.residual, 2e-8) << c;
    EXPECT_LT(solved.report.iterations, 18) << c;
  }
}

// What a cycle leaves of the residual, on average down to 1e-8.
double contraction(const Case& c) {
  const auto solved = solve_noise<double>(make_problem<double>(c), 1e-8);
  EXPECT_TRUE(solved.report.converged) << c;
  return std::pow(solved.report.residual / solved.report.initial_residual,
                  1.0 / solved.report.iterations);
}

// Cells of 12:1:7 and prime sizes must not cost cycles, with one sweep before and after.
TEST(LinearMultigrid, StretchedCellsAndPrimeSizes) {
  const auto box = [](const std::vector<long long>& cells, const std::vector<double>& cell) {
    std::vector<double> upper;
    for (std::size_t a = 0; a < cells.size(); ++a) upper.push_back(cell[a] * double(cells[a]));
    return upper;
  };
  double sum = 0;
  int count = 0;
  const bool alone = core::Comm::world().size() == 1;  // else a few of them
  for (const std::string mix : {"nn nn nn", "pp pp pp", "nd nn pp"})
    for (const std::vector<double>& cell :
         {std::vector<double>{1, 1, 1}, {12, 1, 7}, {1, 7, 12}, {7, 12, 1}, {1, 1, 10}, {1, 2, 2}})
      for (const long long n : {32LL, 31LL, 37LL}) {
        if (!alone && (n != 31 || cell[0] < 7)) continue;
        const Case c{mix, {n, n, n}, box({n, n, n}, cell)};
        const double factor = contraction(c);
        sum += factor;
        ++count;
        EXPECT_LT(factor, 0.18) << c;
      }
  for (const std::string mix : {"nn nn", "pp pp", "nd pp"})
    for (const std::vector<double>& cell :
         {std::vector<double>{1, 1}, {1, 1.6}, {1, 2.4}, {12, 1}, {1, 30}})
      for (const long long n : {64LL, 61LL, 127LL}) {
        if (!alone && (n != 61 || cell[0] < 7)) continue;
        const Case c{mix, {n, n}, box({n, n}, cell)};
        const double factor = contraction(c);
        sum += factor;
        ++count;
        EXPECT_LT(factor, 0.15) << c;
      }
  std::printf("contraction by a cycle, mean of %d cases: %.4f\n", count, sum / count);
  EXPECT_LT(sum / count, 0.09);
}

TEST(LinearMultigrid, Helmholtz) {
  for (const double alpha : {0.1, 100.0, 1e7}) {
    const Case c{"nn pp", {50, 40}, {1, 1}, alpha};
    const auto solved = solve_noise<double>(make_problem<double>(c), 1e-10);
    EXPECT_TRUE(solved.report.converged) << c;
    EXPECT_LT(solved.residual, 2e-10) << c;
  }
}

TEST(LinearMultigrid, ZeroRightHandSide) {
  auto problem = make_problem<double>({"nd nn", {20, 20}, {1, 1}});
  mesh::LinearSolverParams params;
  params.method = "multigrid";
  auto solver = mesh::make_linear_solver<double>(params, problem);
  auto b = field<double>(*problem.grid, [](double, double, double) { return 0.0; });
  auto x = noise<double>(*problem.grid);
  const auto report = solver->solve(b, x);
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(max_difference(*problem.grid, x, b), 0.0);
}

// A method that is misspelt, or that this build lacks: the message says which ones it has.
TEST(LinearSolver, UnknownMethod) {
  auto problem = make_problem<double>({"nd nn", {20, 20}, {1, 1}});
  const std::vector<std::string> methods = mesh::linear_solver_methods();
  for (const std::string wanted : {"multigird", "fft", "petsc"}) {
    if (std::find(methods.begin(), methods.end(), wanted) != methods.end()) continue;
    mesh::LinearSolverParams params;
    params.method = wanted;
    try {
      mesh::make_linear_solver<double>(params, problem);
      FAIL() << "no error";
    } catch (const core::UserError& e) {
      EXPECT_EQ(std::string(e.what()), "linear solver: method '" + wanted +
                                           "' is not one of this build's: auto, " +
                                           core::joined(methods));
    }
  }
}

TEST(LinearSolver, BoundaryMustAgreeWithGrid) {
  auto problem = make_problem<double>({"pp nn", {20, 20}, {1, 1}});
  problem.boundary[0] = problem.boundary[1] = LinearBoundary::neumann;
  try {
    mesh::make_linear_solver<double>({}, problem);
    FAIL() << "no error";
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("x_lower"), std::string::npos) << e.what();
  }
}

}  // namespace
