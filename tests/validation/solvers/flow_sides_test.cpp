// Bodies that touch and cross the sides of the box, and the force on bodies in flows that a body force
// drives:
//   - half a cylinder on a symmetry plane has half of the whole one's flow, to round-off;
//   - a body flush with a side is a wall: Poiseuille flow above it, on the grid's lines and between;
//   - in a steady periodic flow force and wall friction together are rho g V;
//   - a body on a periodic side is the same body in the middle of the box;
//   - backward-facing step of expansion 2 at Reynolds 100 (mean inlet velocity, twice the inlet's
//     height): it reattaches 2.922 step heights downstream (Erturk 2008, Computers & Fluids 37, 633).
#include <cstdio>
#include <numbers>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = std::numbers::pi;

mesh::BodyParams body(const std::string& shape, std::vector<double> center,
                      std::vector<double> size = {}) {
  mesh::BodyParams b;
  b.shape = shape;
  b.center_m = std::move(center);
  if (!size.empty()) b.size_m = std::move(size);
  return b;
}

template <class Field>
auto to_host(const Field& field) {
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.component());
}

FlowParams stream_past_cylinder(double reynolds) {
  FlowParams params;
  params.reynolds = reynolds;
  solve_exactly(params);
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.initial.velocity_m_s = {"1", "0"};
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = 0.05;
  params.boundaries.side[mesh::x_lower].scalar = "cos(y)";
  params.initial.scalar = "cos(y)";
  params.bodies = {body("cylinder", {0, 0})};
  return params;
}

TEST(BodiesOnSides, HalfACylinderOnASymmetryPlane) {
  for (const std::string scheme : {"central", "limited"}) {
    FlowParams params = stream_past_cylinder(20);
    params.scalar.convection = scheme;
    Case<double> whole(params, {{-2, -2}, {4, 2}, {72, 48}, {}}),
        half(params, {{-2, 0}, {4, 2}, {72, 24}, {}});
    whole.solver.advance(whole.state, 2);
    half.solver.advance(half.state, 2);
    EXPECT_EQ(whole.state.step, half.state.step);
    for (const std::string name : {"u", "v", "scalar"}) {
      const auto all = to_host(whole.state[name]), part = to_host(half.state[name]);
      double worst = 0;
      const mesh::Range3 r = half.grid->interior();
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          worst = std::max(worst, std::abs(part(0, j, i) - all(0, j + 24, i)));
      EXPECT_LT(worst, 1e-10) << name;
    }
    EXPECT_NEAR(half.diagnostic("drag_coefficient"), 0.5 * whole.diagnostic("drag_coefficient"),
                1e-10);
    EXPECT_LT(half.diagnostic("divergence_norm"), 1e-11);
  }
}

// Half a channel above a body that fills the box's lower part. Returns the error of u.
double poiseuille_error(int cells, double floor) {
  FlowParams params;
  params.viscosity_m2_s = 0.5;
  params.acceleration_m_s2 = {1, 0};
  params.reference_area_m2 = 2;  // the coefficient is the force
  set_sides(params, {"periodic", "periodic", "wall", "slip"});
  params.bodies = {body("box", {0.5, 0.5 * floor}, {3, floor})};
  Case<double> c(params, {{0, 0}, {1, 1.5}, {cells / 2, cells}, {}});
  const double height = 1.5 - floor;
  c.solver.advance(c.state, 14);
  const auto exact = [&](double, double y, double) {
    return y > floor ? (y - floor) * (2 * height - (y - floor)) : 0;
  };
  EXPECT_NEAR(c.diagnostic("drag_coefficient"), height, 1e-6);
  EXPECT_LT(c.diagnostic("divergence_norm"), 1e-11);
  return rms_error<double>(c.state, "u", exact);
}

TEST(BodiesOnSides, AFlushBodyIsAWall) {
  for (const double floor : {0.5, 0.47}) {
    const double coarse = poiseuille_error(24, floor), fine = poiseuille_error(48, floor);
    std::printf("Poiseuille flow over a body at %.2f: error %.2e, %.2e\n", floor, coarse, fine);
    EXPECT_LT(coarse, 1e-3);
    EXPECT_LT(fine, 0.3 * coarse);
  }
}

// Friction on the walls y = const of the box per depth, over those parts that are no body.
double wall_friction(Case<double>& c, double viscosity) {
  const auto u = to_host(c.state["u"]);
  const mesh::Range3 r = c.grid->interior();
  double sum = 0;
  for (int i = r.begin[0]; i < r.end[0]; ++i)
    sum += 2 * viscosity * (u(0, r.begin[1], i) + u(0, r.end[1] - 1, i)) / c.grid->spacing(1) *
           c.grid->spacing(0);
  return sum;
}

TEST(BodiesOnSides, ARibInAChannelTakesItsShareOfThePush) {
  for (const double low : {0.0, 0.6}) {  // on the floor, under the ceiling
    FlowParams params;
    params.viscosity_m2_s = 0.2;
    params.acceleration_m_s2 = {1, 0};
    params.density_kg_m3 = 1;
    params.reference_area_m2 = 2;
    set_sides(params, {"periodic", "periodic", "wall", "wall"});
    params.bodies = {body("box", {1, low + 0.2}, {0.3, 0.4})};
    Case<double> c(params, {{0, 0}, {2, 1}, {40, 20}, {}});
    c.solver.advance(c.state, 20);
    const double force = c.diagnostic("drag_coefficient"), friction = wall_friction(c, 0.2);
    EXPECT_NEAR(force + friction, 2.0 - 0.3 * 0.4, 1e-6);
    EXPECT_GT(force, 0.3);
    EXPECT_LT(c.diagnostic("divergence_norm"), 1e-11);
    const auto u = to_host(c.state["u"]);
    const mesh::Range3 r = c.grid->interior();
    double first = 0;
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      double flux = 0;
      for (int j = r.begin[1]; j < r.end[1]; ++j) flux += u(0, j, i) * c.grid->spacing(1);
      if (i == r.begin[0]) first = flux;
      const double x = c.grid->coordinate(mesh::Location::face_x, 0, i);
      if (std::abs(x - 1) > 0.25) {
        EXPECT_NEAR(flux, first, 1e-12);
      }
    }
    EXPECT_GT(first, 0.01);
  }
}

TEST(BodiesOnSides, AcrossPeriodicSidesIsAsInTheMiddle) {
  const auto drag = [](std::vector<double> center) {
    FlowParams params;
    params.viscosity_m2_s = 0.2;
    params.acceleration_m_s2 = {1, 0.5};
    params.reference_area_m2 = 2;
    set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
    params.bodies = {body("cylinder", std::move(center))};
    Case<double> c(params, {{-1, -1}, {1, 1}, {24, 24}, {}});
    c.solver.advance(c.state, 1);
    return std::array<double, 2>{c.diagnostic("drag_coefficient"),
                                 c.diagnostic("lift_coefficient")};
  };
  const auto middle = drag({0, 0}), corner = drag({-1, 1}), side = drag({1, 0.5});
  for (int a = 0; a < 2; ++a) {
    EXPECT_NEAR(corner[a], middle[a], 1e-9);
    EXPECT_NEAR(side[a], middle[a], 1e-9);
  }
}

TEST(BodiesOnSides, BackwardFacingStep) {
  FlowParams params;
  params.viscosity_m2_s = 0.02;
  set_sides(params, {"inflow", "outflow", "wall", "wall"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"6 * (y - 1) * (2 - y)", "0"};
  params.initial.velocity_m_s = {"0.75 * y * (2 - y)", "0"};
  params.bodies = {body("box", {-0.5, 0.5}, {1, 1})};
  params.scalar.enabled = true;
  params.boundaries.side[mesh::x_lower].scalar = "1";
  params.initial.scalar = "1";
  Case<double> c(params, {{-1, 0}, {8, 2}, {144, 32}, {}});
  double inflow = 0;  // of the open faces
  for (int j = 16; j < 32; ++j) {
    const double y = (j + 0.5) / 16;
    inflow += 6 * (y - 1) * (2 - y) / 16;
  }
  c.solver.advance(c.state, 60);
  EXPECT_NEAR(c.diagnostic("mass_flux"), inflow, 1e-12);
  EXPECT_LT(c.diagnostic("divergence_norm"), 1e-11);
  const auto u = to_host(c.state["u"]), scalar = to_host(c.state["scalar"]);
  const mesh::Range3 r = c.grid->interior();
  double length = 0, worst = 0;
  for (int i = r.begin[0] + 20; i < r.end[0] && length == 0;
       ++i)  // where the friction changes sign
    if (u(0, r.begin[1], i) > 0 && u(0, r.begin[1], i - 1) <= 0) {
      const double below = u(0, r.begin[1], i - 1), above = u(0, r.begin[1], i);
      length = c.grid->coordinate(mesh::Location::face_x, 0, i) -
               c.grid->spacing(0) * above / (above - below);
    }
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      if (i >= r.begin[0] + 16 || j >= r.begin[1] + 16)
        worst = std::max(worst, std::abs(scalar(0, j, i) - 1));
  std::printf("backward-facing step, Re 100, 16 cells a step: reattachment at %.3f (2.922)\n",
              length);
  EXPECT_NEAR(length, 2.922, 0.05 * 2.922);
  EXPECT_LT(worst, 1e-9);
}

TEST(BodiesOnSides, ABuildingAndAStepInTheOutlet) {
  FlowParams params;
  params.reynolds = 50;
  set_sides(params, {"inflow", "outflow", "slip", "slip", "wall", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0", "0"};
  params.initial.velocity_m_s = {"1", "0", "0"};
  params.bodies = {body("box", {1, 1, 0.25}, {0.5, 0.5, 0.5}),
                   body("box", {2.75, 0.25, 0.75}, {0.5, 0.5, 1.5})};
  Case<double> c(params, {{0, 0, 0}, {3, 2, 1.5}, {30, 20, 15}, {}});
  c.solver.advance(c.state, 0.5);
  EXPECT_NEAR(c.diagnostic("mass_flux"), 3, 1e-12);
  EXPECT_LT(c.diagnostic("divergence_norm"), 1e-11);
  EXPECT_GT(c.diagnostic("body1.drag_coefficient"), 0);
  const auto u = to_host(c.state["u"]);
  const mesh::Range3 r = c.grid->interior();
  for (int j = r.begin[1]; j < r.begin[1] + 4; ++j) EXPECT_EQ(u(r.begin[2] + 5, j, r.end[0]), 0);
}

// Periodic array of cylinders, cells a side of 2 diameters.
std::array<double, 2> pushed_cylinder(int cells, bool by_formula, double friction = 0) {
  FlowParams params;
  params.viscosity_m2_s = 0.5;
  params.reference_area_m2 = 2;
  params.rayleigh_friction_1_s = friction;
  if (by_formula)
    params.force_m_s2 = {"1", "0"};
  else
    params.acceleration_m_s2 = {1, 0};
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  params.bodies = {body("cylinder", {0.013, -0.021})};
  Case<double> c(params, {{-1, -1}, {1, 1}, {cells, cells}, {}});
  c.solver.advance(c.state, 8);
  const auto u = to_host(c.state["u"]);
  const mesh::Range3 r = c.grid->interior();
  double momentum = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) momentum += u(0, j, i) * c.grid->cell_volume();
  return {c.diagnostic("drag_coefficient"), momentum};
}

TEST(ForceOnBodies, OfAPushedFlowIsRhoGV) {
  const double exact = 4 - 0.25 * pi;
  double last = 0;
  for (const int cells : {12, 24, 48}) {
    const double error = pushed_cylinder(cells, false)[0] / exact - 1;
    std::printf("cylinder in a pushed flow, %d cells a diameter: force %.4f%% off\n", cells / 2,
                100 * error);
    EXPECT_LT(std::abs(error), 0.4 / (cells * cells));
    last = error;
  }
  EXPECT_LT(std::abs(last), 2e-4);
  EXPECT_NEAR(pushed_cylinder(12, true)[0], pushed_cylinder(12, false)[0], 1e-12);
  const auto [force, momentum] = pushed_cylinder(24, true, 3);
  EXPECT_NEAR(force + 3 * momentum, exact, 5e-3);
}

TEST(ForceOnBodies, OfASphere) {
  FlowParams params;
  params.viscosity_m2_s = 1;
  params.acceleration_m_s2 = {1, 0, 0};
  params.reference_area_m2 = 2;
  params.density_kg_m3 = 3;
  set_sides(params, std::vector<std::string>(6, "periodic"));
  params.bodies = {body("sphere", {0, 0, 0})};
  params.bodies[0].diameter_m = 0.62;
  Case<double> c(params, {{-0.5, -0.5, -0.5}, {0.5, 0.5, 0.5}, {14, 14, 14}, {}});
  c.solver.advance(c.state, 0.5);
  const double exact = 1 - pi / 6 * 0.62 * 0.62 * 0.62;
  EXPECT_NEAR(c.diagnostic("drag_coefficient"), exact, 5e-3 * exact);
}

// In a fluid at rest it is Archimedes': rho g times the body's own volume, upwards.
TEST(ForceOnBodies, IsBuoyancyAtRest) {
  FlowParams params;
  params.viscosity_m2_s = 0.1;
  params.acceleration_m_s2 = {0, -10};
  params.density_kg_m3 = 2;
  params.reference_area_m2 = 1;  // the coefficient is force / rho
  set_sides(params, {"wall", "wall", "wall", "wall"});
  params.bodies = {body("cylinder", {0.05, 0.02})};
  Case<double> c(params, {{-1, -1}, {1, 1}, {32, 32}, {}});
  c.solver.advance(c.state, 5);
  EXPECT_NEAR(c.diagnostic("lift_coefficient"), 2 * 10 * 0.25 * pi, 2e-3 * 5 * pi);
  EXPECT_NEAR(c.diagnostic("drag_coefficient"), 0, 1e-6);
}

}  // namespace
