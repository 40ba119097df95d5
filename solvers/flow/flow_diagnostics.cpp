// Diagnostics of a flow state: energy, enstrophy, divergence, momentum, fluxes, forces; and derived fields.

#include "core/format.hpp"
#include "solvers/flow/derived.hpp"
#include "solvers/flow/flow_impl.hpp"

namespace understudy::solvers {

// In the cells between a body's core and its surface the imposed velocity conserves no mass.
template <class Real>
double FlowSolver<Real>::Impl::divergence_squared_of_fluid(const flow::Velocity<Real>& u) {
  flow::pressure_right_side(*grid, 1, u, right_side);
  forcing.clear_buried(right_side);
  return flow::integrate_product(*grid, right_side, right_side);
}

template <class Real>
double FlowSolver<Real>::Impl::force_scale() const {
  const bool plane = grid->dimension() == 2;
  const double length = params.reference_length_m, speed = params.reference_speed_m_s;
  const double area = params.reference_area_m2 > 0 ? params.reference_area_m2
                      : plane                      ? length
                                                   : length * length;
  return 1 / (0.5 * params.density_kg_m3 * speed * speed * area);
}

// Of all bodies together, and of each where there are several.
template <class Real>
void FlowSolver<Real>::Impl::add_forces(const State& state, std::vector<Diagnostic>& list) {
  update_eddy_viscosity(state);
  const double rho = params.density_kg_m3;
  const auto coefficients = numbers(1, 0);
  const auto u = velocity(state);
  const auto p = state["p"].component();
  const auto forces = forcing.forces(
      {coefficients, rho, u, p, eddy, push(state), external.rayleigh_friction_1_s()});
  const double scale = force_scale();
  const auto add = [&](const std::string& prefix, const std::array<double, 3>& force) {
    const char* names[] = {"drag_coefficient", "lift_coefficient", "side_coefficient"};
    for (int a = 0; a < grid->dimension(); ++a)
      list.push_back({prefix + names[a], "1", force[a] * scale, DiagnosticKind::free});
  };
  std::array<double, 3> sum{};
  for (const auto& force : forces)
    for (int a = 0; a < 3; ++a) sum[a] += force[a];
  add("flow.", sum);
  for (std::size_t n = 0; n < forces.size() && forces.size() > 1; ++n)
    add(core::format("flow.body{}.", n + 1), forces[n]);
}

template <class Real>
void FlowSolver<Real>::Impl::add_energy_budget(const State& state, const flow::FlowIntegrals& sums,
                                               std::vector<Diagnostic>& list) {
  const double rho = params.density_kg_m3;
  const char* unit = grid->dimension() == 2 ? "W/m" : "W";
  list.push_back({"flow.dissipation", unit, rho * params.viscosity() * sums.vorticity_squared,
                  DiagnosticKind::free});
  if (external.pushes() || !buoyancy.empty() || !params.acceleration_m_s2.empty()) {
    double power = 0;
    const auto u = velocity(state), force = push(state);
    for (int a = 0; a < grid->dimension(); ++a)
      if (force[a].data()) power += flow::integrate_product(*grid, force[a], u[a]);
    for (std::size_t a = 0; a < params.acceleration_m_s2.size(); ++a)
      power += params.acceleration_m_s2[a] * sums.momentum[a];
    list.push_back({"flow.injection", unit, rho * power, DiagnosticKind::free});
  }
  if (params.rayleigh_friction_1_s > 0)
    list.push_back({"flow.drag_loss", unit, rho * params.rayleigh_friction_1_s * sums.speed_squared,
                    DiagnosticKind::free});
}

template <class Real>
std::vector<Diagnostic> FlowSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  Impl& m = *impl_;
  m.refresh_ghosts(state);
  const mesh::BoxGrid& grid = *m.grid;
  const int dimension = grid.dimension();
  const double rho = m.params.density_kg_m3;
  const char* per = dimension == 2 ? "/m" : "";
  const flow::Velocity<Real> u = m.velocity(state);
  const flow::FlowIntegrals sums = flow::integrate(grid, u);
  const double divergence_squared =
      m.forcing.empty() ? sums.divergence_squared : m.divergence_squared_of_fluid(u);
  double volume = 1;
  for (int a = 0; a < dimension; ++a) volume *= grid.upper(a) - grid.lower(a);

  std::vector<Diagnostic> list;
  const auto add = [&](const std::string& name, const std::string& unit, double value,
                       DiagnosticKind kind) {
    list.push_back({"flow." + name, unit, value, kind});
  };
  add("kinetic_energy", std::string("J") + per, 0.5 * rho * sums.speed_squared,
      DiagnosticKind::bounded);
  add("enstrophy", dimension == 2 ? "m2/s2" : "m3/s2", 0.5 * sums.vorticity_squared,
      DiagnosticKind::free);
  add("divergence_norm", "1/s", std::sqrt(divergence_squared / volume), DiagnosticKind::bounded);
  bool all_periodic = true;
  for (int a = 0; a < dimension; ++a) all_periodic = all_periodic && grid.periodic(a);
  const bool undisturbed = m.params.acceleration_m_s2.empty() && m.external.empty() &&
                           m.buoyancy.empty() && m.params.rayleigh_friction_1_s == 0;
  if (all_periodic && m.forcing.empty())
    for (int a = 0; a < dimension; ++a)
      add(std::string("momentum_") + "xyz"[a], std::string("kg m/s") + per, rho * sums.momentum[a],
          undisturbed ? DiagnosticKind::conserved : DiagnosticKind::free);
  if (all_periodic && m.forcing.empty() && !m.les()) m.add_energy_budget(state, sums, list);
  if (m.boundaries.has_outflow()) {
    // What goes through varies with the inflow; what stays is conserved.
    const double in = m.boundaries.inflow_flux(), out = m.boundaries.outflow_flux();
    add("mass_flux", std::string("kg/s") + per, rho * out, DiagnosticKind::free);
    add("mass_imbalance", std::string("kg/s") + per, rho * (in - out), DiagnosticKind::conserved);
  }
  if (m.params.scalar.enabled) {
    const auto scalar = state["scalar"].component();
    const bool closed = all_periodic && m.forcing.empty() && !m.params.scalar.reaction.enabled();
    add("scalar_total", dimension == 2 ? "m2" : "m3",
        m.forcing.empty() ? flow::integrate(grid, scalar)
                          : flow::integrate_product(grid, scalar, state["mask"].component()),
        closed ? DiagnosticKind::conserved : DiagnosticKind::free);
  }
  if (!m.forcing.empty()) m.add_forces(state, list);
  return list;
}

template <class Real>
std::vector<std::string> FlowSolver<Real>::derived_names() const {
  return flow::derived_quantities(impl_->grid->dimension());
}

template <class Real>
mesh::CellField<Real> FlowSolver<Real>::derive(const mesh::State<Real>& state,
                                               const std::string& name) {
  impl_->refresh_ghosts(state);
  return {name, flow::derived_unit(name),
          flow::derived_quantity(*impl_->grid, impl_->velocity(state), name)};
}

template double FlowSolver<float>::Impl::divergence_squared_of_fluid(const flow::Velocity<float>&);
template double FlowSolver<double>::Impl::divergence_squared_of_fluid(
    const flow::Velocity<double>&);
template double FlowSolver<float>::Impl::force_scale() const;
template double FlowSolver<double>::Impl::force_scale() const;
template void FlowSolver<float>::Impl::add_forces(const mesh::State<float>&,
                                                  std::vector<Diagnostic>&);
template void FlowSolver<double>::Impl::add_forces(const mesh::State<double>&,
                                                   std::vector<Diagnostic>&);
template void FlowSolver<float>::Impl::add_energy_budget(const mesh::State<float>&,
                                                         const flow::FlowIntegrals&,
                                                         std::vector<Diagnostic>&);
template void FlowSolver<double>::Impl::add_energy_budget(const mesh::State<double>&,
                                                          const flow::FlowIntegrals&,
                                                          std::vector<Diagnostic>&);
template std::vector<Diagnostic> FlowSolver<float>::diagnostics(const mesh::State<float>&);
template std::vector<Diagnostic> FlowSolver<double>::diagnostics(const mesh::State<double>&);
template std::vector<std::string> FlowSolver<float>::derived_names() const;
template std::vector<std::string> FlowSolver<double>::derived_names() const;
template mesh::CellField<float> FlowSolver<float>::derive(const mesh::State<float>&,
                                                          const std::string&);
template mesh::CellField<double> FlowSolver<double>::derive(const mesh::State<double>&,
                                                            const std::string&);

}  // namespace understudy::solvers
