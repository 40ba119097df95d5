// fft, multigrid and petsc give the same solution to 1e-8, and every method the same one on any
// number of ranks to 1e-10 (each rank checks its block against a solve that it does alone).
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "support/mesh_linear_problem.hpp"

namespace {

using namespace linear_test;

Array3<double> solve(const mesh::LinearProblem<double>& problem, const std::string& method,
                     const std::string& petsc_options = "") {
  mesh::LinearSolverParams params;
  params.method = method;
  params.tolerance = 1e-12;
  params.max_iterations = 100;
  params.petsc_options = petsc_options;
  auto solver = mesh::make_linear_solver<double>(params, problem);
  auto b = noise<double>(*problem.grid);
  auto x = field<double>(*problem.grid, [](double, double, double) { return 0.0; });
  solver->solve(b, x);
  return x;
}

double largest(const mesh::Grid& grid, const Array3<double>& x) {
  auto zero = field<double>(grid, [](double, double, double) { return 0.0; });
  return max_difference(grid, x, zero);
}

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const std::string& mix : mixes_2d()) list.push_back({mix, {40, 27}, {1.0, 0.7}});
  for (const std::string& mix : mixes_3d()) list.push_back({mix, {12, 15, 16}, {1.0, 0.8, 1.2}});
  list.push_back({"nn pp", {33, 20}, {1, 1}, 12.5});
  return list;
}

std::vector<std::string> others() {
  std::vector<std::string> methods = mesh::linear_solver_methods();
  methods.erase(std::find(methods.begin(), methods.end(), "multigrid"));
  return methods;
}

TEST(LinearAgreement, MethodsAgree) {
  for (const Case& c : cases()) {
    const auto problem = make_problem<double>(c);
    const auto x = solve(problem, "multigrid");
    const double scale = largest(*problem.grid, x);
    ASSERT_GT(scale, 0);
    for (const std::string& method : others())
      EXPECT_LT(max_difference(*problem.grid, x, solve(problem, method)), 1e-8 * scale)
          << method << " " << c;
  }
}

TEST(LinearAgreement, RanksAgree) {
  for (const Case& c : cases()) {
    const auto split = make_problem<double>(c);
    const auto alone = make_problem<double>(c, core::Comm::self());
    for (const std::string& method : mesh::linear_solver_methods()) {
      const auto mine = solve(split, method);
      const auto whole = solve(alone, method);
      auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), mine);
      auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), whole);
      const mesh::Grid& g = *split.grid;
      const mesh::Range3 r = g.interior();
      double difference = 0;
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i)
            difference = std::max(
                difference,
                std::abs(a(k, j, i) - b(k + g.offset(2), j + g.offset(1), i + g.offset(0))));
      EXPECT_LT(g.comm().max(difference), 1e-10 * largest(*alone.grid, whole))
          << method << " " << c;
    }
  }
}

TEST(LinearAgreement, VaryingCoefficient) {
  for (const char* mix : {"nn nn", "nd pp", "pp pp"}) {
    auto problem = make_problem<double>({mix, {41, 36}, {1, 1}});
    const mesh::Location faces[2] = {mesh::Location::face_x, mesh::Location::face_y};
    for (int a = 0; a < 2; ++a)
      problem.beta[a] = field<double>(
          *problem.grid,
          [](double x, double y, double) {
            return 1 + 0.5 * std::sin(6.283185307179586 * x) * std::cos(6.283185307179586 * y);
          },
          faces[a]);
    const auto x = solve(problem, "multigrid");
    for (const std::string& method : others()) {
      if (method == "fft") continue;
      EXPECT_LT(max_difference(*problem.grid, x, solve(problem, method)),
                1e-8 * largest(*problem.grid, x))
          << method << " " << mix;
    }
  }
}

#ifdef UNDERSTUDY_WITH_PETSC
TEST(LinearPetsc, OptionsOfTheDeck) {
  const auto problem = make_problem<double>({"nd nn", {20, 16}, {1, 1}});
  const auto x = solve(problem, "petsc", "-ksp_type cg -pc_type jacobi");
  EXPECT_LT(max_difference(*problem.grid, x, solve(problem, "petsc")),
            1e-9 * largest(*problem.grid, x));
  try {
    solve(problem, "petsc", "-pc_type nonsense");
    FAIL() << "no error";
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("-pc_type nonsense"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("-pc_type gamg"), std::string::npos) << e.what();
  }
}

TEST(LinearPetsc, ReportsWhatItReached) {
  const auto problem = make_problem<double>({"nd nn", {30, 26}, {1, 1}});
  mesh::LinearSolverParams params;
  params.method = "petsc";
  params.tolerance = 1e-10;
  params.max_iterations = 2;
  auto solver = mesh::make_linear_solver<double>(params, problem);
  auto b = noise<double>(*problem.grid);
  auto x = field<double>(*problem.grid, [](double, double, double) { return 0.0; });
  const auto report = solver->solve(b, x);
  EXPECT_FALSE(report.converged);
  EXPECT_NEAR(report.residual, relative_residual(problem, b, x), 1e-12);
}
#endif

}  // namespace
