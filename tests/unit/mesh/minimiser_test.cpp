// The bounded minimiser on Rosenbrock's valley: its end, bounds, memory, monitor and errors.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "core/error.hpp"
#include "mesh/optimisation/bounded_minimiser.hpp"

#ifdef UNDERSTUDY_WITH_PETSC
namespace understudy {
namespace {

// Rosenbrock's valley in pairs of variables; least at (1, 1).
double rosenbrock(std::span<const double> x, std::span<double> g) {
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); n += 2) {
    const double a = 1 - x[n], b = x[n + 1] - x[n] * x[n];
    sum += a * a + 100 * b * b;
    g[n] = -2 * a - 400 * x[n] * b;
    g[n + 1] = 200 * b;
  }
  return sum;
}

TEST(Minimiser, FindsTheValleysEnd) {
  std::vector<double> x(20, -0.8), lower(20, -5), upper(20, 5);
  const auto result = mesh::minimise(x, lower, upper, rosenbrock, {.iterations = 200});
  EXPECT_LT(result.value, 1e-10) << result.reason;
  for (const double v : x) EXPECT_NEAR(v, 1, 1e-4);
}

// Twenty variables of curvatures from 1 to 10^4: as many pairs know all of them.
TEST(Minimiser, MoreMemoryNeedsFewerIterations) {
  const auto valley = [](std::span<const double> x, std::span<double> g) {
    double sum = 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
      const double curvature = std::pow(10, 4.0 * double(n) / double(x.size()));
      sum += 0.5 * curvature * (x[n] - 1) * (x[n] - 1);
      g[n] = curvature * (x[n] - 1);
    }
    return sum;
  };
  int iterations[2];
  for (const int memory : {2, 30}) {
    std::vector<double> x(20, 0.0), lower(20, -5), upper(20, 5);
    const auto result = mesh::minimise(x, lower, upper, valley,
                                       {.iterations = 500, .evaluations = 2000, .memory = memory});
    iterations[memory == 30] = result.iterations;
    EXPECT_LT(result.value, 1e-10) << result.reason;
  }
  EXPECT_LT(iterations[1], iterations[0]) << iterations[0] << " and " << iterations[1];
}

TEST(Minimiser, StaysWithinBoundsAndStopsAtThem) {
  std::vector<double> x(2, -0.5), lower(2, -2), upper{0.5, 2};
  std::vector<double> seen;
  mesh::minimise(
      x, lower, upper,
      [&](std::span<const double> at, std::span<double> g) {
        EXPECT_LE(at[0], 0.5);
        return rosenbrock(at, g);
      },
      {.iterations = 200},
      [&](const mesh::MinimiserProgress& p) {
        seen.push_back(p.value);
        return true;
      });
  EXPECT_NEAR(x[0], 0.5, 1e-6);
  EXPECT_NEAR(x[1], 0.25, 1e-4);
  for (std::size_t n = 1; n < seen.size(); ++n) EXPECT_LE(seen[n], seen[n - 1]);
}

TEST(Minimiser, EndsWhenTheMonitorSaysSoAndAtTheIterations) {
  std::vector<double> x(2, -0.5), lower(2, -2), upper(2, 2);
  auto result = mesh::minimise(x, lower, upper, rosenbrock, {.iterations = 100},
                               [](const mesh::MinimiserProgress& p) { return p.iteration < 3; });
  EXPECT_EQ(result.iterations, 3);
  EXPECT_EQ(result.reason, "asked to stop");
  x.assign(2, -0.5);
  result = mesh::minimise(x, lower, upper, rosenbrock, {.iterations = 4});
  EXPECT_EQ(result.iterations, 4);
  EXPECT_EQ(result.reason, "iterations are spent");
}

TEST(Minimiser, ErrorsComeThrough) {
  std::vector<double> x(2, 0.0), lower(2, -1), upper(2, 1);
  EXPECT_THROW(
      mesh::minimise(x, lower, upper,
                     [](auto, auto) -> double { throw std::domain_error("no such model"); }, {}),
      std::domain_error);
  EXPECT_THROW(mesh::minimise(x, lower, upper, rosenbrock, {},
                              [](const auto&) -> bool { throw std::domain_error("disk full"); }),
               std::domain_error);
  EXPECT_THROW(mesh::minimise(x, lower, upper, [](auto, auto) { return std::nan(""); }, {}),
               core::RunError);
  x = {0, 3};
  try {
    mesh::minimise(x, lower, upper, rosenbrock, {});
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("variable 1 is 3, outside its bounds [-1, 1]"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace understudy
#endif
