// Kovasznay flow (Kovasznay 1948), Re 40, an exact steady solution behind a row of obstacles:
//   lambda = Re/2 - sqrt(Re^2/4 + 4 pi^2), u = 1 - e^(lambda x) cos 2 pi y,
//   v = lambda/(2 pi) e^(lambda x) sin 2 pi y, p = (1 - e^(2 lambda x)) / 2.
// The exact velocity enters on both x sides; y is periodic. Order 2 in velocity and pressure.
#include <cstdio>

#include "core/format.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = 3.14159265358979323846;

struct Errors {
  double u, v, p;
};

Errors run(int cells) {
  const double re = 40, lambda = re / 2 - std::sqrt(re * re / 4 + 4 * pi * pi);
  const std::vector<std::string> exact{
      understudy::core::format("1 - exp({:.17g} * x) * cos(2 * pi * y)", lambda),
      understudy::core::format("{:.17g} * exp({:.17g} * x) * sin(2 * pi * y)", lambda / (2 * pi),
                               lambda)};
  FlowParams params;
  params.reynolds = re;
  params.cfl = 0.8;
  set_sides(params, {"inflow", "inflow", "periodic", "periodic"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = exact;
  params.boundaries.side[mesh::x_upper].velocity_m_s = exact;
  params.initial.velocity_m_s = exact;
  Case<double> c(params, {{-0.5, -0.5}, {1, 0.5}, {3 * cells / 2, cells}, {}});
  c.solver.advance(c.state, 8);
  return {rms_error<double>(c.state, "u",
                            [&](double x, double y, double) {
                              return 1 - std::exp(lambda * x) * std::cos(2 * pi * y);
                            }),
          rms_error<double>(c.state, "v",
                            [&](double x, double y, double) {
                              return lambda / (2 * pi) * std::exp(lambda * x) *
                                     std::sin(2 * pi * y);
                            }),
          rms_error<double>(
              c.state, "p",
              [&](double x, double, double) { return -0.5 * std::exp(2 * lambda * x); }, true)};
}

TEST(Kovasznay, SecondOrder) {
  std::printf("%6s %12s %6s %12s %6s %12s %6s\n", "cells", "error u", "order", "error v", "order",
              "error p", "order");
  Errors last{};
  for (const int cells : {16, 32, 64}) {
    const Errors e = run(cells);
    const double u = std::log2(last.u / e.u), v = std::log2(last.v / e.v),
                 p = std::log2(last.p / e.p);
    std::printf("%6d %12.4e %6.2f %12.4e %6.2f %12.4e %6.2f\n", cells, e.u, u, e.v, v, e.p, p);
    if (cells == 64) {
      EXPECT_GE(u, 1.9);
      EXPECT_GE(v, 1.9);
      EXPECT_GE(p, 1.8);
      EXPECT_LE(e.u, 2e-3);
      EXPECT_LE(e.v, 1e-3);
    }
    last = e;
  }
}

}  // namespace
