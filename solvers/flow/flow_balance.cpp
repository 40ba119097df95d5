// The balance of the box among the diagnostics (side_fluxes.hpp).
#include "core/format.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/side_fluxes.hpp"

namespace understudy::solvers {

template <class Real>
void FlowSolver<Real>::Impl::add_balance(const State& state, std::vector<Diagnostic>& list) {
  update_eddy_viscosity(state);
  const auto coefficients = numbers(1, 0);
  const auto u = velocity(state);
  const auto p = state["p"].component();
  const flow::FluxInputs<Real> in{coefficients, params.density_kg_m3, u, p, eddy};
  const bool plane = grid->dimension() == 2;
  const auto add = [&](const std::string& name, const char* unit, double value) {
    list.push_back({"flow." + name, unit, value, DiagnosticKind::free});
  };
  const auto sides = flow::side_momentum(*grid, in);
  std::array<double, 3> on_bodies{}, beside_bodies{};
  if (!forcing.empty()) {
    for (const auto& force : forcing.forces({coefficients, params.density_kg_m3, u, p, eddy,
                                             push(state), external.rayleigh_friction_1_s()}))
      for (int a = 0; a < 3; ++a) on_bodies[a] += force[a];
    beside_bodies = forcing.pushed_points();
  }
  const bool whole = !external.pushes() && buoyancy.empty() && params.rayleigh_friction_1_s == 0;
  const char* newton = plane ? "N/m" : "N";
  for (int a = 0; a < grid->dimension(); ++a) {
    const char axis = "xyz"[a];
    add(core::format("momentum_convected_{}", axis), newton, sides.convected[a]);
    add(core::format("momentum_pressure_{}", axis), newton, sides.pressure[a]);
    add(core::format("momentum_viscous_{}", axis), newton, sides.viscous[a]);
    const double pushed = params.density_kg_m3 * double(coefficients.acceleration[a]) *
                          grid->cell_volume() * (sides.free_points[a] + beside_bodies[a]);
    if (whole)
      add(core::format("momentum_rate_{}", axis), newton,
          sides.convected[a] + sides.pressure[a] + sides.viscous[a] + pushed - on_bodies[a]);
  }
  const auto energy = flow::side_energy(*grid, in);
  const char* watt = plane ? "W/m" : "W";
  add("energy_in", watt, energy.in);
  add("side_power", watt, energy.side_power);
  bool budget = forcing.empty() && !les();  // a periodic box has the rest among its diagnostics
  for (int a = 0; a < grid->dimension(); ++a) budget = budget && grid->periodic(a);
  if (budget) return;
  add("dissipation", watt, energy.dissipation);
  if (external.pushes() || !buoyancy.empty() || !params.acceleration_m_s2.empty()) {
    double power = 0;
    const auto force = push(state);
    for (int a = 0; a < grid->dimension(); ++a)
      if (force[a].data()) power += flow::integrate_product(*grid, force[a], u[a]);
    const auto sums = flow::integrate(*grid, u);
    for (std::size_t a = 0; a < params.acceleration_m_s2.size(); ++a)
      power += params.acceleration_m_s2[a] * sums.momentum[a];
    add("injection", watt, params.density_kg_m3 * power);
  }
}

template <class Real>
flow::Velocity<Real> FlowSolver<Real>::Impl::push(const State& state) {
  const auto& force = external.force(*grid, state.time_s);
  return buoyancy.empty()
             ? force
             : flow::with_buoyancy(*grid, buoyancy, state["scalar"].component(), force);
}

template <class Real>
void FlowSolver<Real>::Impl::add_push(const State& state, const flow::StepCoefficients<Real>& n,
                                      double middle_s) {
  external.add(*grid, n, middle_s, {velocity(state), rates(state), u_star});
  if (!buoyancy.empty())
    flow::add_buoyancy(*grid, n, buoyancy, state["scalar"].component(), {rates(state), u_star});
}

template <class Real>
void FlowSolver<Real>::Impl::add_scalar_fluxes(const State& state, std::vector<Diagnostic>& list) {
  for (int side = 0; side < 2 * grid->dimension(); ++side) {
    const auto& given = params.boundaries.side[side];
    if (given.scalar.empty() || given.kind == "periodic") continue;
    list.push_back({core::format("flow.scalar_flux_{}", mesh::side_name(side)),
                    grid->dimension() == 2 ? "m2/s" : "m3/s",
                    flow::scalar_flux(*grid, side, params.scalar.diffusivity_m2_s,
                                      state["scalar"].component()),
                    DiagnosticKind::free});
  }
}

template flow::Velocity<float> FlowSolver<float>::Impl::push(const mesh::State<float>&);
template flow::Velocity<double> FlowSolver<double>::Impl::push(const mesh::State<double>&);
template void FlowSolver<float>::Impl::add_push(const mesh::State<float>&,
                                                const flow::StepCoefficients<float>&, double);
template void FlowSolver<double>::Impl::add_push(const mesh::State<double>&,
                                                 const flow::StepCoefficients<double>&, double);
template void FlowSolver<float>::Impl::add_scalar_fluxes(const mesh::State<float>&,
                                                         std::vector<Diagnostic>&);
template void FlowSolver<double>::Impl::add_scalar_fluxes(const mesh::State<double>&,
                                                          std::vector<Diagnostic>&);
template void FlowSolver<float>::Impl::add_balance(const mesh::State<float>&,
                                                   std::vector<Diagnostic>&);
template void FlowSolver<double>::Impl::add_balance(const mesh::State<double>&,
                                                    std::vector<Diagnostic>&);

}  // namespace understudy::solvers
