// Order of accuracy on the 2-D Taylor-Green vortex (Taylor & Green 1937), with k = 1 on [0, 2
// pi]^2:
//   u = -cos x sin y e^(-2 nu t), v = sin x cos y e^(-2 nu t),
//   p = -(cos 2x + cos 2y) e^(-4 nu t) / 4.
// The discrete pressure belongs to the middle of the last step, t - dt/2, and is compared there.
#include <cstdio>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = 3.14159265358979323846;
constexpr double nu = 0.05;

struct Errors {
  double u, p, dt;
};

// A mean flow (u0, v0) carries the vortex, so that the solution at a point depends on time through
// convection as well as through decay.
Errors run(int cells, double dt, double end, const std::string& convection) {
  FlowParams params;
  params.viscosity_m2_s = nu;
  params.convection = convection;
  params.max_dt_s = dt;
  params.cfl = 1;
  params.initial.velocity_m_s = {"1 - cos(x) * sin(y)", "0.5 + sin(x) * cos(y)"};
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  Case<double> c(params, {{0, 0}, {2 * pi, 2 * pi}, {cells, cells}, {}});
  c.solver.advance(c.state, end);
  const double step = c.solver.last_step().dt_s;
  const double decay = std::exp(-2 * nu * end), middle = end - 0.5 * step;
  return {rms_error<double>(c.state, "u",
                            [&](double x, double y, double) {
                              return 1 - decay * std::cos(x - end) * std::sin(y - 0.5 * end);
                            }),
          rms_error<double>(
              c.state, "p",
              [&](double x, double y, double) {
                return -0.25 * std::exp(-4 * nu * middle) *
                       (std::cos(2 * (x - middle)) + std::cos(2 * (y - 0.5 * middle)));
              },
              true),
          step};
}

void print_header(const char* title) {
  std::printf("%s\n%8s %10s %12s %7s %12s %7s\n", title, "cells", "dt", "error u", "order",
              "error p", "order");
}

void space_order(const std::string& convection, double wanted) {
  print_header(("space, " + convection).c_str());
  Errors last{};
  for (const int cells : {16, 32, 64, 128}) {
    const Errors e = run(cells, 1e-3, 0.25, convection);  // time error far below that of space
    const double order_u = std::log2(last.u / e.u), order_p = std::log2(last.p / e.p);
    std::printf("%8d %10.3g %12.4e %7.2f %12.4e %7.2f\n", cells, e.dt, e.u, order_u, e.p, order_p);
    if (cells >= 64) {
      EXPECT_GE(order_u, wanted) << convection << " " << cells;
      EXPECT_GE(order_p, wanted) << convection << " " << cells;
    }
    last = e;
  }
}

TEST(TaylorGreen2D, SecondOrderInSpaceCentral) { space_order("central", 1.9); }
TEST(TaylorGreen2D, SecondOrderInSpaceUpwind3) { space_order("upwind3", 1.9); }

// u at t = end, and p brought there from the middle of the step by p + rho phi / 2 (phi the last
// increment over density), which is second order too.
std::array<std::vector<double>, 2> solution(int cells, double dt, double end) {
  FlowParams params;
  params.viscosity_m2_s = nu;
  params.max_dt_s = dt;
  params.cfl = 1;
  params.initial.velocity_m_s = {"1 - cos(x) * sin(y)", "0.5 + sin(x) * cos(y)"};
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  Case<double> c(params, {{0, 0}, {2 * pi, 2 * pi}, {cells, cells}, {}});
  c.solver.advance(c.state, end);
  EXPECT_NEAR(c.solver.last_step().dt_s, dt, 1e-12);
  const auto host = [&](const char* name) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state[name].data);
  };
  const auto u = host("u"), p = host("p"), phi = host("pressure_increment");
  std::array<std::vector<double>, 2> values;
  for (int j = 2; j < cells + 2; ++j)
    for (int i = 2; i < cells + 2; ++i) {
      values[0].push_back(u(0, 0, j, i));
      values[1].push_back(p(0, 0, j, i) + 0.5 * phi(0, 0, j, i));
    }
  return values;
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += (a[n] - b[n]) * (a[n] - b[n]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

// On one grid, halving dt: the differences between successive solutions are the error of time alone
// (Richardson), whatever that of space is.
TEST(TaylorGreen2D, SecondOrderInTime) {
  std::printf("time, 32 x 32, differences to the next dt\n%10s %12s %7s %12s %7s\n", "dt",
              "error u", "order", "error p", "order");
  std::vector<std::array<std::vector<double>, 2>> runs;
  for (int level = 0; level < 6; ++level) runs.push_back(solution(32, 0.04 / (1 << level), 0.8));
  double last_u = 0, last_p = 0;
  for (int level = 0; level + 1 < 6; ++level) {
    const double u = difference(runs[level][0], runs[level + 1][0]);
    const double p = difference(runs[level][1], runs[level + 1][1]);
    const double order_u = std::log2(last_u / u), order_p = std::log2(last_p / p);
    std::printf("%10.3g %12.4e %7.2f %12.4e %7.2f\n", 0.04 / (1 << level), u, order_u, p, order_p);
    if (level >= 2) {
      EXPECT_GE(order_u, 1.9);
      EXPECT_GE(order_p, 1.9);
    }
    last_u = u;
    last_p = p;
  }
}

}  // namespace
