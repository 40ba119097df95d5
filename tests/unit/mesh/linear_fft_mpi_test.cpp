// The fft solver solves the discrete equation to round-off, for every mix of boundary kinds, even
// and odd sizes, both precisions, any split over ranks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "support/mesh_linear_problem.hpp"

namespace {

using namespace linear_test;

template <class Real>
double solve_noise(const Case& c, const core::Comm& comm = core::Comm::world()) {
  auto problem = make_problem<Real>(c, comm);
  mesh::LinearSolverParams params;
  params.method = "fft";
  auto solver = mesh::make_linear_solver<Real>(params, problem);
  EXPECT_EQ(solver->name(), "fft");
  auto b = noise<Real>(*problem.grid);
  auto x = noise<Real>(*problem.grid, 7);  // the old content must not matter
  EXPECT_TRUE(solver->solve(b, x).converged);
  if (problem.singular()) {
    auto host = Kokkos::create_mirror_view(x);
    Kokkos::deep_copy(host, x);
    const auto mean_of = [&](const auto& f) {
      return global_sum(*problem.grid, [&](int k, int j, int i) { return f(host(k, j, i)); }) /
             problem.grid->global_cell_count();
    };
    const double size = std::max(1.0, std::sqrt(mean_of([](double v) { return v * v; })));
    const double round_off = std::is_same_v<Real, float> ? 1e-7 : 1e-15;
    EXPECT_NEAR(mean_of([](double v) { return v; }), 0, round_off * size) << c;
  }
  return relative_residual(problem, b, x);
}

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const std::string& mix : mixes_2d())
    for (const std::vector<long long>& cells :
         {std::vector<long long>{32, 24}, {25, 32}, {48, 27}, {17, 21}})
      list.push_back({mix, cells, {1.0, 1.5}});
  for (const std::string& mix : mixes_3d())
    for (const std::vector<long long>& cells :
         {std::vector<long long>{16, 12, 20}, {15, 16, 9}, {10, 11, 8}})
      list.push_back({mix, cells, {1.0, 0.8, 1.2}});
  return list;
}

class LinearFft : public testing::Test {
 protected:
  void SetUp() override {
    const auto methods = mesh::linear_solver_methods();
    if (std::find(methods.begin(), methods.end(), "fft") == methods.end())
      GTEST_SKIP() << "not in this build";
  }
};

TEST_F(LinearFft, SolvesEveryMixToRoundOff) {
  for (const Case& c : cases()) {
    EXPECT_LT(solve_noise<double>(c), 1e-12) << c;
    // Single precision: the residual of the exact solution rounded to float is eps * cond.
    EXPECT_LT(solve_noise<float>(c), 2e-4) << c;
  }
}

TEST_F(LinearFft, SolvesHelmholtz) {
  for (const std::string& mix : mixes_2d()) {
    const Case c{mix, {32, 25}, {1.0, 1.5}, 30.0};
    EXPECT_LT(solve_noise<double>(c), 1e-13) << c;
  }
}

TEST_F(LinearFft, AnyOwnerOfCells) {
  const int ranks = core::Comm::world().size();
  if (ranks == 1) GTEST_SKIP() << "one rank";
  EXPECT_LT(solve_noise<double>({"nd nn", {40, 30}, {1, 1}, 0, {ranks, 1}}), 1e-12);
  EXPECT_LT(solve_noise<double>({"nn pp", {33, 30}, {1, 1}, 0, {1, ranks}}), 1e-12);
  EXPECT_LT(solve_noise<double>({"pp nn dd", {16, 18, 20}, {1, 1, 1}, 0, {1, ranks, 1}}), 1e-12);
  if (ranks % 2 == 0)
    EXPECT_LT(solve_noise<double>({"pp nn nn", {16, 18, 20}, {1, 1, 1}, 0, {ranks / 2, 2, 1}}),
              1e-12);
}

// Columns of fewer rows than ranks, of one row on a rank, and so long that what couples the ranks hardly decays.
TEST_F(LinearFft, AnyNumberOfRowsOnARank) {
  const int ranks = core::Comm::world().size();
  for (const std::string& mix : mixes_2d()) {
    for (const long long rows : {2, 3, 5})
      EXPECT_LT(solve_noise<double>({mix, {40, rows}, {1, 1}, 0, {ranks, 1}}), 1e-12)
          << mix << ", " << rows << " rows";
    for (const std::vector<double>& box : {std::vector<double>{100, 1}, {1, 100}}) {
      const double one_rank = solve_noise<double>({mix, {16, 64}, box}, core::Comm::self());
      EXPECT_LT(solve_noise<double>({mix, {16, 64}, box, 0, {1, ranks}}), 2 * one_rank) << mix;
    }
  }
}

TEST_F(LinearFft, RefusesVaryingCoefficient) {
  auto problem = make_problem<double>({"nn nn", {16, 16}, {1, 1}});
  for (int axis = 0; axis < 2; ++axis)
    problem.beta[axis] =
        field<double>(*problem.grid, [](double x, double, double) { return 1 + x; });
  mesh::LinearSolverParams params;
  params.method = "fft";
  try {
    mesh::make_linear_solver<double>(params, problem);
    FAIL() << "no error";
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("needs a uniform coefficient"), std::string::npos)
        << e.what();
    EXPECT_NE(std::string(e.what()).find("multigrid"), std::string::npos) << e.what();
  }
}

}  // namespace
