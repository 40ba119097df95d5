// A scalar that pushes the fluid (Boussinesq):
//   - a square cavity, hot on the left and cold on the right (de Vahl Davis 1983, Int. J. Numer. Methods Fluids 3,
//     249): Prandtl number 0.71, mean Nusselt number and largest velocities on the middle lines;
//   - fluid at rest under a scalar that depends on height alone stays there.
#include <cstdio>

#include "solvers/flow/samplers.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double prandtl = 0.71;

// Lengths in the cavity's, velocities in those of free fall, sqrt(g beta dT L).
FlowParams cavity(double rayleigh) {
  FlowParams params;
  params.viscosity_m2_s = std::sqrt(prandtl / rayleigh);
  params.scalar.enabled = true;
  params.scalar.convection = "central";
  params.scalar.diffusivity_m2_s = 1 / std::sqrt(prandtl * rayleigh);
  params.scalar.buoyancy_m_s2 = {0, 1};
  set_sides(params, {"wall", "wall", "wall", "wall"});
  params.boundaries.side[mesh::x_lower].scalar = "0.5";
  params.boundaries.side[mesh::x_upper].scalar = "-0.5";
  params.initial.scalar = "0.5 - x";
  return params;
}

double flux(Case<double>& c, const std::string& side) {
  for (const auto& d : c.solver.more_diagnostics(c.state))
    if (d.name == "flow.scalar_flux_" + side) return d.value;
  throw std::out_of_range(side);
}

double largest(const Case<double>& c, const std::string& field, bool along_x) {
  solvers::FlowLineParams line;
  line.from_m = along_x ? std::vector<double>{0, 0.5} : std::vector<double>{0.5, 0};
  line.to_m = along_x ? std::vector<double>{1, 0.5} : std::vector<double>{0.5, 1};
  line.points = 801;
  const solvers::PointSampler sampler(c.grid, solvers::points_on_line(line));
  double most = 0;
  for (const double value : sampler.sample(c.state[field])) most = std::max(most, value);
  return most;
}

struct Published {
  double rayleigh, nusselt, u, v;
  int cells;
  double end_s, tolerance;
};

TEST(Buoyancy, DeVahlDavisCavity) {
  for (const Published& of : {Published{1e3, 1.118, 3.649, 3.697, 40, 30, 0.01},
                              Published{1e4, 2.243, 16.178, 19.617, 48, 60, 0.01},
                              Published{1e5, 4.519, 34.73, 68.59, 64, 120, 0.015},
                              Published{1e6, 8.800, 64.63, 219.36, 96, 250, 0.02}}) {
    Case<double> c(cavity(of.rayleigh), {{0, 0}, {1, 1}, {of.cells, of.cells}, {}});
    c.solver.advance(c.state, of.end_s);
    const double kappa = 1 / std::sqrt(prandtl * of.rayleigh);
    const double hot = flux(c, "x_lower") / kappa, cold = -flux(c, "x_upper") / kappa;
    const double u = largest(c, "u", false) / kappa, v = largest(c, "v", true) / kappa;
    std::printf("Ra %.0e, %d^2: Nu %.4f (%.3f), u %.3f (%.3f), v %.3f (%.3f)\n", of.rayleigh,
                of.cells, hot, of.nusselt, u, of.u, v, of.v);
    EXPECT_NEAR(hot, cold, 2e-3 * hot);  // steady
    EXPECT_NEAR(hot, of.nusselt, of.tolerance * of.nusselt);
    EXPECT_NEAR(u, of.u, of.tolerance * of.u);
    EXPECT_NEAR(v, of.v, of.tolerance * of.v);
  }
}

TEST(Buoyancy, LayersStayAtRest) {
  for (const char* convection : {"limited", "central"}) {
    FlowParams params = cavity(1e4);
    params.scalar.convection = convection;
    params.scalar.buoyancy_from = 0.2;
    params.boundaries.side[mesh::x_lower].scalar = params.boundaries.side[mesh::x_upper].scalar =
        "";
    params.boundaries.side[mesh::y_lower].scalar = "0";
    params.boundaries.side[mesh::y_upper].scalar = "1";
    params.initial.scalar = "y";
    Case<double> c(params, {{0, 0}, {1, 1}, {24, 24}, {}});
    c.solver.advance(c.state, 5);
    EXPECT_LT(c.diagnostic("kinetic_energy"), 1e-20) << convection;
    // hydrostatic: dp/dy = b (c - c0), of zero mean
    EXPECT_LT(
        rms_error<double>(
            c.state, "p", [](double, double y, double) { return 0.5 * y * y - 0.2 * y; }, true),
        1e-3);
  }
}

}  // namespace
