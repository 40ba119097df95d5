// Order of accuracy of the scalar's reaction: in time against the exact solution at a point, and in space
// and time against Nagumo's travelling front.
#include <cstdio>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double rate = 4, threshold = 0.3, decay = 1.5, start = 0.4, end_s = 1;

// What a uniform scalar in fluid at rest is from `start` on at `end_s`.
double exact(const std::string& growth) {
  if (growth == "none") return start * std::exp(-decay * end_s);
  if (growth == "logistic") {  // Bernoulli's equation c' = s c - rate c^2
    const double s = rate - decay, grown = std::exp(s * end_s);
    return s * start * grown / (s + rate * start * (grown - 1));
  }
  // Bistable, without decay: partial fractions of 1 / (c (1 - c) (c - a)); rate t = G(c) - G(start).
  const auto g = [](double c) {
    constexpr double a = threshold;
    return -std::log(c) / a - std::log(1 - c) / (1 - a) + std::log(c - a) / (a * (1 - a));
  };
  double lower = start, upper = 1 - 1e-15;
  for (int n = 0; n < 100; ++n) {
    const double middle = 0.5 * (lower + upper);
    (g(middle) - g(start) < rate * end_s ? lower : upper) = middle;
  }
  return lower;
}

double point_error(const std::string& growth, double dt_s) {
  FlowParams params;
  params.max_dt_s = dt_s;
  params.initial.scalar = std::to_string(start);
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = 0;
  auto& reaction = params.scalar.reaction;
  reaction.growth = growth;
  if (growth != "none") reaction.growth_1_s = rate;
  if (growth == "bistable") reaction.threshold = threshold;
  if (growth != "bistable") reaction.decay_1_s = decay;
  Case<double> c(params, {{0, 0}, {1, 1}, {4, 4}, {}});
  c.solver.advance(c.state, end_s);
  const double expected = exact(growth);
  return rms_error<double>(c.state, "scalar", [&](double, double, double) { return expected; });
}

TEST(Reaction, SecondOrderInTimeAtAPoint) {
  for (const std::string growth : {"none", "logistic", "bistable"}) {
    std::printf("reaction at a point, growth %s\n%8s %12s %7s\n", growth.c_str(), "dt", "error",
                "order");
    double last = 0;
    for (const double dt_s : {0.04, 0.02, 0.01, 0.005}) {
      const double error = point_error(growth, dt_s);
      const double order = last > 0 ? std::log2(last / error) : 0;
      std::printf("%8g %12.4e %7.2f\n", dt_s, error, order);
      if (last > 0) {
        EXPECT_GE(order, 1.9) << growth << " " << dt_s;
      }
      last = error;
    }
    EXPECT_LT(last, 1e-5);
  }
}

// Nagumo's front c = 1 / (1 + exp((x - s t) sqrt(r / (2 D)))), s = sqrt(r D / 2) (1 - 2 a).
double front_error(int cells) {
  constexpr double diffusivity = 0.01, r = 10, a = 0.25, end = 2;
  const double steep = std::sqrt(r / (2 * diffusivity)),
               speed = std::sqrt(r * diffusivity / 2) * (1 - 2 * a);
  FlowParams params;
  params.initial.scalar = "1 / (1 + exp(x * sqrt(500)))";
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = diffusivity;
  params.scalar.reaction.growth = "bistable";
  params.scalar.reaction.growth_1_s = r;
  params.scalar.reaction.threshold = a;
  Case<double> c(params, {{-1, 0}, {1.5, 0.1}, {cells, 4}, {}});
  c.solver.advance(c.state, end);
  return rms_error<double>(c.state, "scalar", [&](double x, double, double) {
    return 1 / (1 + std::exp((x - speed * end) * steep));
  });
}

TEST(Reaction, SecondOrderAtNagumosFront) {
  std::printf("Nagumo's front\n%8s %12s %7s\n", "cells", "error", "order");
  double last = 0;
  for (const int cells : {100, 200, 400}) {
    const double error = front_error(cells);
    const double order = last > 0 ? std::log2(last / error) : 0;
    std::printf("%8d %12.4e %7.2f\n", cells, error, order);
    if (last > 0) {
      EXPECT_GE(order, 1.9) << cells;
    }
    last = error;
  }
}

}  // namespace
