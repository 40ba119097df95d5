// Order of convergence of the shallow-water scheme against exact solutions, with the flow along the panels and
// across their edges and corners. A fault at the panels' edges shows at 45 degrees only.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "support/solvers_shallow_water.hpp"

using namespace understudy;
using namespace understudy::tests;

namespace {

double error_of(const solvers::ShallowWaterParams& params, int cells, double days) {
  ShallowWaterRun<double> run(params, cells, core::Comm::self());
  run.solver.advance(run.state, days * day_s);
  return run.diagnostic("depth_rel_l2");
}

void expect_order(const std::string& start, double tilt, int order, double least,
                  double step_fraction = 0.9) {
  auto params = shallow_water(start, tilt, order);
  params.step_fraction = step_fraction;
  const double coarse = error_of(params, 16, 1), fine = error_of(params, 32, 1);
  const double measured = std::log2(coarse / fine);
  std::printf(
      "%s tilted by %2.0f degrees, order %d: l2(h) %.3e with 16 cells, %.3e with 32, order %.2f\n",
      start.c_str(), tilt, order, coarse, fine, measured);
  EXPECT_GE(measured, least);
}

// The time schemes alone: against a run of small steps.
double order_in_time(const std::string& scheme, double dt_s) {
  const auto depth_after = [&](double dt_s) {
    auto params = shallow_water("williamson_6");
    params.time_scheme = scheme;
    params.max_dt_s = dt_s;
    ShallowWaterRun<double> run(params, 16, core::Comm::self());
    run.solver.advance(run.state, 7200 * 2);
    return run.state;
  };
  const auto reference = depth_after(50);
  const auto difference = [&](double dt_s) {
    const auto state = depth_after(dt_s);
    double sum = 0;
    const auto a = state["depth"].data, b = reference["depth"].data;
    for (int k = 0; k < 6; ++k)
      for (int j = 5; j < 21; ++j)
        for (int i = 5; i < 21; ++i) sum += std::pow(a(0, k, j, i) - b(0, k, j, i), 2);
    return std::sqrt(sum);
  };
  const double coarse = difference(dt_s), fine = difference(dt_s / 2);
  const double order = std::log2(coarse / fine);
  std::printf("%s: steps of %g and %g s: %.3e, %.3e, order %.2f\n", scheme.c_str(), dt_s, dt_s / 2,
              coarse, fine, order);
  return order;
}

}  // namespace

TEST(ShallowWaterConvergence, SteadyFlowAlongThePanels) {
  expect_order("williamson_2", 0, 3, 2.8);
  expect_order("williamson_2", 0, 5, 4.5);
}

TEST(ShallowWaterConvergence, SteadyFlowAcrossTheCorners) {
  expect_order("williamson_2", 45, 3, 2.8);
  expect_order("williamson_2", 45, 5, 4.5);
  expect_order("williamson_2", 45, 7, 5.5);
}

// With the largest steps the fourth order of the time scheme shows.
TEST(ShallowWaterConvergence, UnsteadySolidBodyOverTopography) {
  expect_order("solid_body", 0, 5, 4.5, 0.3);
  expect_order("solid_body", 45, 5, 4.5, 0.3);
  expect_order("solid_body", 45, 5, 3.8);
}

TEST(ShallowWaterConvergence, StepsInTime) {
  EXPECT_GT(order_in_time("ssp_rk3", 600), 2.7);
  EXPECT_GT(order_in_time("ssp_rk43", 800), 2.7);
  EXPECT_GT(order_in_time("ssp_rk104", 1800), 3.6);
  EXPECT_GT(order_in_time("fb_rk32", 600), 1.8);
}
