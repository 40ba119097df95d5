// The balance of the box among the diagnostics (side_fluxes.hpp).
#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/side_fluxes.hpp"

namespace understudy::solvers {

namespace {

// A push along an axis: `even` everywhere and `force` (may be empty) by faces.
template <class Real>
struct Push {
  double even;
  mesh::Array3<Real> force, u;
};

template <class Real>
double sum_power(const mesh::Range3& faces, const Push<Real>& push) {
  const auto force = push.force, u = push.u;
  const double even = push.even;
  const bool varies = force.data() != nullptr;
  return mesh::sum_cells(
      "injection", faces, KOKKOS_LAMBDA(int k, int j, int i) {
        const double here = varies ? even + static_cast<double>(force(k, j, i)) : even;
        return here * static_cast<double>(u(k, j, i));
      });
}

// Integral of push . u; a face on a side of the box has half a cell. Collective.
template <class Real>
double power_of(const mesh::BoxGrid& grid, int axis, const Push<Real>& push) {
  const mesh::Range3 faces = grid.points(static_cast<mesh::Location>(axis + 1));
  double mine = sum_power(faces, push);
  for (const bool upper : {false, true}) {
    if (!grid.at_boundary(2 * axis + (upper ? 1 : 0))) continue;
    mesh::Range3 row = faces;
    if (upper)
      row.begin[axis] = row.end[axis] - 1;
    else
      row.end[axis] = row.begin[axis] + 1;
    mine -= 0.5 * sum_power(row, push);
  }
  return grid.comm().sum(mine) * grid.cell_volume();
}

}  // namespace

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
    for (int a = 0; a < grid->dimension(); ++a) {
      const double even =
          params.acceleration_m_s2.empty() ? 0 : params.acceleration_m_s2[std::size_t(a)];
      power += power_of<Real>(*grid, a, {even, force[a], u[a]});
    }
    add("injection", watt, params.density_kg_m3 * power);
  }
  if (params.rayleigh_friction_1_s > 0)
    add("drag_loss", watt,
        params.density_kg_m3 * params.rayleigh_friction_1_s *
            flow::integrate(*grid, u).speed_squared);
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
