// The smallest problem: its classical method converges at second order, and what a comparison is told of it is
// true of the solutions themselves.
#include <gtest/gtest.h>

#include <cmath>

#include "pinn/classical.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {
namespace {

std::shared_ptr<const Problem> problem(double dimension, double waves) {
  ProblemChoice choice;
  choice.constants = {{"dimension", dimension}, {"waves", waves}};
  return poisson().make(choice);
}

class PoissonClassical : public testing::TestWithParam<int> {};

TEST_P(PoissonClassical, ErrorsFallAtSecondOrder) {
  const auto p = problem(GetParam(), 2);
  check_problem(*p);
  constexpr int most = 5;
  const auto runs = run_classical(*p, most);
  ASSERT_EQ(int(runs.size()), most);
  for (std::size_t n = 1; n < runs.size(); ++n) {
    ASSERT_EQ(runs[n].errors.size(), 1u);
    const double order = std::log(runs[n - 1].errors[0] / runs[n].errors[0]) /
                         std::log(double(runs[n].resolution) / runs[n - 1].resolution);
    printf("%4d  %.3e  %.2f\n", runs[n].resolution, runs[n].errors[0], order);
    EXPECT_GT(runs[n].wall_s, 0);
    if (n >= 2) {
      EXPECT_NEAR(order, 2, 0.15) << runs[n].resolution;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dimensions, PoissonClassical, testing::Values(1, 2));

TEST(PoissonClassical, ErrorIsThatOfTheSolutionItself) {
  const auto p = problem(1, 1);
  const auto runs = run_classical(*p, 1);
  ASSERT_EQ(runs.size(), 1u);
  const Points points = evaluation_points(*p);
  const auto values = p->classical.solve(runs[0].resolution)(points)[0];
  const auto truth = reference(*p, points)[0];
  double off = 0, size = 0;
  for (std::size_t n = 0; n < truth.size(); ++n) {
    off += std::pow(values[n] - truth[n], 2);
    size += std::pow(truth[n], 2);
  }
  EXPECT_NEAR(runs[0].errors[0], std::sqrt(off / size), 1e-14);
}

TEST(Classical, NoneIsSaidToBeNone) {
  Problem p = *problem(1, 1);
  p.classical = {};
  EXPECT_EQ(classical_name(p), "");
  EXPECT_TRUE(run_classical(p, 0).empty());
}

}  // namespace
}  // namespace understudy::pinn
