// Order of accuracy of the passive scalar: carried and diffused by a uniform stream, and around a
// cylinder at a fixed value or insulated, where the steady solution is a harmonic function.
#include <cstdio>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = 3.14159265358979323846;

// c = sin(x - t) cos(y - t/2) e^(-2 kappa t)
double stream_error(int cells, const std::string& convection) {
  constexpr double kappa = 0.01, end = 0.5;
  FlowParams params;
  params.viscosity_m2_s = 0.01;
  params.max_dt_s = 2e-3;
  params.scalar.enabled = true;
  params.scalar.convection = convection;
  params.scalar.diffusivity_m2_s = kappa;
  params.initial.velocity_m_s = {"1", "0.5"};
  params.initial.scalar = "sin(x) * cos(y)";
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  Case<double> c(params, {{0, 0}, {2 * pi, 2 * pi}, {cells, cells}, {}});
  c.solver.advance(c.state, end);
  return rms_error<double>(c.state, "scalar", [&](double x, double y, double) {
    return std::sin(x - end) * std::cos(y - 0.5 * end) * std::exp(-2 * kappa * end);
  });
}

TEST(Scalar, SecondOrderInAStream) {
  for (const std::string convection : {"central", "upwind3", "limited"}) {
    std::printf("scalar in a stream, %s\n%8s %12s %7s\n", convection.c_str(), "cells", "error",
                "order");
    double last = 0;
    for (const int cells : {16, 32, 64}) {
      const double error = stream_error(cells, convection);
      const double order = last > 0 ? std::log2(last / error) : 0;
      std::printf("%8d %12.4e %7.2f\n", cells, error, order);
      if (last > 0) {
        EXPECT_GE(order, convection == "limited" ? 1.8 : 1.9) << convection << " " << cells;
      }
      last = error;
    }
  }
}

// A stream that speeds up and turns: against the same grid at an eighth of the smallest step.
TEST(Scalar, LimitedIsSecondOrderInTime) {
  const auto run = [](double dt) {
    FlowParams params;
    params.viscosity_m2_s = 0.01;
    params.cfl = 1;
    params.max_dt_s = dt;
    params.scalar.enabled = true;
    params.scalar.diffusivity_m2_s = 1e-3;
    params.initial.velocity_m_s = {"1", "0.5"};
    params.acceleration_m_s2 = {1, -1};
    params.initial.scalar = "sin(x) * cos(y)";
    set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
    auto c = std::make_unique<Case<double>>(
        params, mesh::GridParams{{0, 0}, {2 * pi, 2 * pi}, {32, 32}, {}});
    c->solver.advance(c->state, 0.64);
    return c;
  };
  const auto fine = run(0.00125);
  const auto reference =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fine->state["scalar"].component());
  double last = 0;
  for (const double dt : {0.04, 0.02, 0.01}) {
    const auto c = run(dt);
    const auto host =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c->state["scalar"].component());
    const mesh::Range3 r = c->grid->interior();
    double error = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        error += std::pow(host(0, j, i) - reference(0, j, i), 2) / (32 * 32);
    error = std::sqrt(error);
    std::printf("limited scalar, dt %.3f: error %.3e, order %.2f\n", dt, error,
                last > 0 ? std::log2(last / error) : 0);
    if (last > 0) {
      EXPECT_GE(std::log2(last / error), 1.8) << dt;
    }
    last = error;
  }
}

// Largest excursion of the scalar beyond [0, 1] outside the body.
double excursion(Case<double>& c, double radius) {
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["scalar"].component());
  const mesh::Range3 r = c.grid->interior();
  double worst = 0;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const double x = c.grid->coordinate(mesh::Location::cell, 0, i),
                     y = c.grid->coordinate(mesh::Location::cell, 1, j);
        if (x * x + y * y > radius * radius)
          worst = std::max({worst, -host(k, j, i), host(k, j, i) - 1});
      }
  return worst;
}

// A front wound up by vortices at a cell Peclet number of 1e5, with the largest Courant numbers.
TEST(Scalar, LimitedStaysWithinItsBounds) {
  for (const std::string convection : {"limited", "central", "upwind3"})
    for (const double cfl : {0.5, 1.0}) {
      FlowParams params;
      params.viscosity_m2_s = 0.01;
      params.cfl = cfl;
      params.scalar.enabled = true;
      params.scalar.convection = convection;
      params.scalar.diffusivity_m2_s = 1e-6;
      params.initial.velocity_m_s = {"sin(x) * cos(y) + 0.5", "-cos(x) * sin(y) + 0.2"};
      params.initial.scalar = "x > 2 && x < 4 && y > 1 ? 1 : 0";
      set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
      Case<double> c(params, {{0, 0}, {2 * pi, 2 * pi}, {32, 32}, {}});
      double worst = 0;
      for (int n = 0; n < 20; ++n) {
        c.solver.advance(c.state, 0.2);
        worst = std::max(worst, excursion(c, 0));
      }
      std::printf("front among vortices, %s, cfl %.1f: %.2e beyond its bounds\n",
                  convection.c_str(), cfl, worst);
      if (convection == "limited") {
        EXPECT_LE(worst, 1e-12);
      } else {
        EXPECT_GE(worst, 0.01);
      }
    }
}

TEST(Scalar, LimitedStaysWithinItsBoundsInThreeDimensions) {
  FlowParams params;
  params.viscosity_m2_s = 0.005;
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = 0;
  params.les.model = "wale";
  params.initial.velocity_m_s = {"sin(x) * cos(y) * cos(z)", "-cos(x) * sin(y) * cos(z)", "0"};
  params.initial.scalar = "x > 2 && y > 2 ? 1 : 0";
  set_sides(params, {"periodic", "periodic", "periodic", "periodic", "slip", "slip"});
  Case<double> c(params, {{0, 0, 0}, {2 * pi, 2 * pi, pi}, {16, 16, 8}, {}});
  c.solver.advance(c.state, 2);
  EXPECT_LE(excursion(c, 0), 1e-12);
}

// What comes in at a side is 0 or 1, and so is what a body's surface has.
TEST(Scalar, LimitedStaysWithinItsBoundsAroundABody) {
  struct Surface {
    std::string kind;
    double value;
  };
  for (const Surface& surface : {Surface{"insulated", 0}, Surface{"fixed", 0}, Surface{"fixed", 1}})
    for (const double diffusivity : {0.0, 1e-5, 1e-2}) {
      FlowParams params;
      params.reynolds = 100;
      params.cfl = 1;
      params.scalar.enabled = true;
      params.scalar.diffusivity_m2_s = diffusivity;
      params.scalar.at_bodies = surface.kind;
      params.scalar.body_value = surface.value;
      params.initial.velocity_m_s = {"1", "0"};
      set_sides(params, {"inflow", "outflow", "slip", "slip"});
      params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0.2 * sin(4 * t)"};
      params.boundaries.side[mesh::x_lower].scalar = "y > 0.1 && t > 0.5 ? 1 : 0";
      params.boundaries.side[mesh::y_upper].scalar = "1";
      params.bodies = {mesh::BodyParams{}};
      Case<double> c(params, {{-2, -2}, {4, 2}, {72, 48}, {}});
      double worst = 0;
      for (int n = 0; n < 10; ++n) {
        c.solver.advance(c.state, 0.5);
        worst = std::max(worst, excursion(c, 0.5));
      }
      std::printf("front around a body, %s at %.0f, diffusivity %.0e: %.2e beyond its bounds\n",
                  surface.kind.c_str(), surface.value, diffusivity, worst);
      EXPECT_LE(worst, 1e-11) << surface.kind << " " << surface.value << " " << diffusivity;
    }
}

// Two bodies of which one stands on a side with a value of its own; the fluid is warm, then cold.
TEST(Scalar, LimitedStaysWithinItsBoundsWhereABodyMeetsASide) {
  FlowParams params;
  params.reynolds = 100;
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = 1e-4;
  params.scalar.at_bodies = "fixed";
  params.scalar.body_value = 1;
  params.initial.velocity_m_s = {"1", "0"};
  params.initial.scalar = "x < -1 ? 0 : 1";
  set_sides(params, {"inflow", "outflow", "wall", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.boundaries.side[mesh::y_lower].scalar = "0";
  mesh::BodyParams body;
  params.bodies = {body, body};
  params.bodies[0].center_m = {0.5, 1.2};
  Case<double> c(params, {{-2, 0}, {4, 3}, {72, 36}, {}});
  double worst = 0;
  for (int n = 0; n < 8; ++n) {
    c.solver.advance(c.state, 0.25);
    const auto host =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["scalar"].component());
    const mesh::Range3 r = c.grid->interior();
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const double x = c.grid->coordinate(mesh::Location::cell, 0, i),
                     y = c.grid->coordinate(mesh::Location::cell, 1, j);
        if (std::hypot(x, y) > 0.5 && std::hypot(x - 0.5, y - 1.2) > 0.5)
          worst = std::max({worst, -host(0, j, i), host(0, j, i) - 1});
      }
  }
  EXPECT_LE(worst, 1e-11);
}

// Fluid at rest around a cylinder of radius R = 0.5; `exact` is given on the sides.
double cylinder_error(int cells, const std::string& at_bodies, const std::string& text,
                      const Exact& exact) {
  FlowParams params;
  params.viscosity_m2_s = 0.1;
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = 1;
  params.scalar.at_bodies = at_bodies;
  params.scalar.body_value = at_bodies == "fixed" ? 2 : 0;
  params.initial.scalar = text;
  params.bodies = {mesh::BodyParams{}};
  set_sides(params, {"wall", "wall", "wall", "wall"});
  for (int side = 0; side < 4; ++side) params.boundaries.side[side].scalar = text;
  Case<double> c(params, {{-1.05, -1}, {1.05, 1}, {cells, cells}, {}});
  c.solver.advance(c.state, 0.5);
  const auto outside = [&](double x, double y) { return x * x + y * y > 0.25; };
  const auto scalar = c.state["scalar"].component();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), scalar);
  const mesh::Range3 r = c.grid->interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)  // what lies in the body has no meaning
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = c.grid->coordinate(mesh::Location::cell, 0, i),
                   y = c.grid->coordinate(mesh::Location::cell, 1, j);
      if (!outside(x, y)) host(0, j, i) = exact(x, y, 0);
    }
  Kokkos::deep_copy(scalar, host);
  return rms_error<double>(c.state, "scalar", exact);
}

// The mean order over two doublings. Linear interpolation of the mirrored places costs the insulated
// surface its second order in the end: with a small constant.
double cylinder_order(const std::string& at_bodies, const std::string& text, const Exact& exact) {
  std::printf("scalar around a cylinder, %s\n%8s %12s %7s\n", at_bodies.c_str(), "cells", "error",
              "order");
  double last = 0, first = 0;
  for (const int cells : {20, 40, 80}) {
    const double error = cylinder_error(cells, at_bodies, text, exact);
    std::printf("%8d %12.4e %7.2f\n", cells, error, last > 0 ? std::log2(last / error) : 0);
    if (first == 0) first = error;
    last = error;
  }
  EXPECT_LE(last, 4e-4);
  return 0.5 * std::log2(first / last);
}

TEST(Scalar, FixedOnACylinder) {
  const double order = cylinder_order("fixed", "2 + log(2 * sqrt(x^2 + y^2 + 1e-12))",
                                      [](double x, double y, double) {
                                        return 2 + std::log(2 * std::sqrt(x * x + y * y + 1e-12));
                                      });
  EXPECT_GE(order, 1.8);
}

TEST(Scalar, InsulatedCylinder) {
  const double order = cylinder_order(
      "insulated", "x * (1 + 0.25 / (x^2 + y^2 + 1e-12))",
      [](double x, double y, double) { return x * (1 + 0.25 / (x * x + y * y + 1e-12)); });
  EXPECT_GE(order, 1.1);
}

// A wake keeps a uniform scalar uniform, insulated bodies and all.
TEST(Scalar, UniformStaysUniformBehindABody) {
  FlowParams params;
  solve_exactly(params);
  params.reynolds = 100;
  params.scalar.enabled = true;
  params.initial.velocity_m_s = {"1", "0"};
  params.initial.scalar = "3";
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.boundaries.side[mesh::x_lower].scalar = "3";
  params.bodies = {mesh::BodyParams{}};
  Case<double> c(params, {{-2, -2}, {4, 2}, {72, 48}, {}});
  c.solver.advance(c.state, 2);
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["scalar"].component());
  const mesh::Range3 r = c.grid->interior();
  double worst = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = c.grid->coordinate(mesh::Location::cell, 0, i),
                   y = c.grid->coordinate(mesh::Location::cell, 1, j);
      if (x * x + y * y > 0.25) worst = std::max(worst, std::abs(host(0, j, i) - 3));
    }
  EXPECT_LE(worst, 1e-9);
}

}  // namespace
