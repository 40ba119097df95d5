// What the tests of the flow's derivative share: the cases.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/solvers_derivatives.hpp"
#include "support/solvers_flow_case.hpp"

namespace flow_test {

using namespace derivative_test;

struct AdjointCase {
  std::string name;
  FlowParams params;
  mesh::GridParams box;
};

inline mesh::BodyParams cylinder(double x, double y, double diameter) {
  mesh::BodyParams body;
  body.center_m = {x, y};
  body.diameter_m = diameter;
  return body;
}

/// Periodic boxes and boxes with sides of all kinds, in 2-D and 3-D; `convection` of all.
inline std::vector<AdjointCase> open_cases(const std::string& convection) {
  FlowParams base;
  base.viscosity_m2_s = 0.02;
  base.density_kg_m3 = 1.3;
  base.convection = convection;
  base.rayleigh_friction_1_s = 0.3;
  base.acceleration_m_s2 = {0.1, -0.2};
  base.initial.noise_m_s = 0.3;
  std::vector<AdjointCase> cases;
  const auto with = [&](const std::string& name, const std::vector<std::string>& sides,
                        bool plane) {
    AdjointCase c{name, base, {}};
    set_sides(c.params, sides);
    if (plane) {
      c.box = {{0, 0}, {2, 1.1}, {16, 12}, {}};
    } else {
      c.box = {{0, 0, 0}, {1.5, 1, 1.2}, {10, 8, 8}, {}};
      c.params.acceleration_m_s2 = {0.1, -0.2, 0.05};
    }
    for (int side = 0; side < (plane ? 4 : 6); ++side) {
      auto& p = c.params.boundaries.side[side];
      if (p.kind == "inflow") p.velocity_m_s = {"1 + 0.2 * y + 0.1 * sin(9 * t)", "0.3 + 0.1 * x"};
      if (p.kind == "wall") p.velocity_m_s = {"0.3 + 0.1 * cos(pi * x)", "0"};
      if (p.kind != "periodic" && p.kind != "slip" && p.kind != "outflow" && !plane)
        p.velocity_m_s.push_back("0.05");
      if (p.kind == "wall" && mesh::side_axis(side) == 2) p.velocity_m_s[2] = "0";
      if (p.kind == "wall" && mesh::side_axis(side) == 0) p.velocity_m_s[0] = "0";
    }
    cases.push_back(c);
    return cases.size() - 1;
  };
  const std::vector<std::string> ring(6, "periodic"), plane_ring(4, "periodic");
  cases[with("periodic", plane_ring, true)].params.force_m_s2 = {"sin(4 * y)",
                                                                 "0.1 * cos(x + 5 * t)"};
  with("periodic in 3-D", ring, false);
  with("channel", {"inflow", "outflow", "wall", "slip"}, true);
  with("inflow below, outflow above and to the left", {"outflow", "wall", "inflow", "outflow"},
       true);
  with("periodic channel", {"periodic", "periodic", "wall", "slip"}, true);
  with("channel in 3-D", {"inflow", "outflow", "wall", "wall", "slip", "wall"}, false);
  with("periodic span", {"inflow", "outflow", "slip", "wall", "periodic", "periodic"}, false);
  return cases;
}

/// Bodies in the stream, across a periodic side, on a wall, and two that touch; rounds of forcing.
inline std::vector<AdjointCase> body_cases(const std::string& convection) {
  FlowParams base;
  base.viscosity_m2_s = 0.02;
  base.convection = convection;
  base.initial.velocity_m_s = {"1", "0"};
  base.initial.noise_m_s = 0.2;
  std::vector<AdjointCase> cases;
  const auto with = [&](const std::string& name, const std::vector<std::string>& sides,
                        const std::vector<mesh::BodyParams>& bodies, int rounds) {
    AdjointCase c{name, base, {{0, 0}, {2.4, 1.6}, {24, 16}, {}}};
    set_sides(c.params, sides);
    for (auto& p : c.params.boundaries.side)
      if (p.kind == "inflow") p.velocity_m_s = {"1 + 0.1 * y", "0"};
    c.params.bodies = bodies;
    c.params.forcing_iterations = rounds;
    cases.push_back(c);
  };
  const std::vector<std::string> channel{"inflow", "outflow", "slip", "wall"},
      ring{"periodic", "periodic", "periodic", "periodic"};
  with("cylinder", channel, {cylinder(0.83, 0.77, 0.5)}, 1);
  with("cylinder, two rounds", channel, {cylinder(0.83, 0.77, 0.5)}, 2);
  with("on the wall", channel, {cylinder(0.83, 1.52, 0.6)}, 1);
  with("across a periodic side", ring, {cylinder(0.05, 0.77, 0.5)}, 1);
  with("two that touch", channel, {cylinder(0.83, 0.77, 0.5), cylinder(1.25, 0.8, 0.5)}, 1);
  return cases;
}

}  // namespace flow_test
