#include "solvers/flow/flow_surface.hpp"

#include <cmath>

#include "core/format.hpp"
#include "solvers/flow/flow_impl.hpp"

namespace understudy::solvers {

flow::SurfaceMedium surface_medium(const FlowParams& params) {
  flow::SurfaceMedium medium{.density_kg_m3 = params.density_kg_m3,
                             .viscosity_m2_s = params.viscosity()};
  for (std::size_t axis = 0; axis < params.acceleration_m_s2.size(); ++axis)
    medium.acceleration_m_s2[axis] = params.acceleration_m_s2[axis];
  for (const std::string& formula : params.force_m_s2) medium.force_m_s2.emplace_back(formula);
  const flow::Buoyancy buoyancy(params.scalar);
  medium.buoyancy_m_s2 = buoyancy.per_unit_m_s2;
  medium.buoyancy_from = buoyancy.from;
  return medium;
}

namespace {

// The first side that the fluid enters by; 6: there is none.
int inflow_side(const FlowParams& params) {
  for (int side = 0; side < 6; ++side)
    if (params.boundaries.side[side].kind == "inflow") return side;
  return 6;
}

}  // namespace

bool has_reference_point(const FlowParams& params) {
  return !params.surface.reference_point_m.empty() || inflow_side(params) < 6;
}

mesh::Point reference_point(const FlowParams& params, const mesh::BoxGrid& grid) {
  mesh::Point x{};
  const int side = inflow_side(params);
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    x[axis] = 0.5 * (grid.lower(axis) + grid.upper(axis));
    if (side < 6 && mesh::side_axis(side) == axis)
      x[axis] = mesh::is_upper(side) ? grid.upper(axis) : grid.lower(axis);
    if (!params.surface.reference_point_m.empty()) x[axis] = params.surface.reference_point_m[axis];
  }
  return x;
}

// The parts of the force on the bodies: pressure and friction, moments, y+ (surface_loads.hpp).
template <class Real>
void FlowSolver<Real>::Impl::add_force_parts(const State& state, std::vector<Diagnostic>& list) {
  const double coefficient = force_scale();
  if (!surface) surface = std::make_unique<flow::SurfaceLoads<Real>>(bodies, grid);
  const auto loads = surface->at(state, surface_medium(params));
  mesh::Point about{};
  for (std::size_t axis = 0; axis < params.surface.moment_point_m.size(); ++axis)
    about[axis] = params.surface.moment_point_m[axis];
  const int dimension = grid->dimension();
  const auto add = [&](const std::string& name, double value) {
    list.push_back({name, "1", value, DiagnosticKind::free});
  };
  const auto add_body = [&](const std::string& prefix, int body) {
    const auto forces = surface->forces(loads, body, about);
    const char* names[] = {"drag", "lift", "side"};
    for (int a = 0; a < dimension; ++a) {
      add(core::format("{}{}_pressure_coefficient", prefix, names[a]),
          coefficient * forces.pressure[a]);
      add(core::format("{}{}_friction_coefficient", prefix, names[a]),
          coefficient * forces.friction[a]);
    }
    const double per_length = coefficient / params.reference_length_m;
    if (dimension == 2) {
      add(prefix + "moment_coefficient", per_length * forces.moment[2]);
    } else {
      for (int a = 0; a < 3; ++a)
        add(core::format("{}moment_{}_coefficient", prefix, "xyz"[a]),
            per_length * forces.moment[a]);
    }
    if (params.viscosity() > 0)
      add(prefix + "y_plus_max", std::sqrt(forces.largest_friction / params.density_kg_m3) *
                                     flow::largest_spacing_of(*grid) / params.viscosity());
  };
  add_body("flow.", -1);
  for (int n = 0; n < int(bodies.count()) && bodies.count() > 1; ++n)
    add_body(core::format("flow.body{}.", n + 1), n);
}

template <class Real>
std::vector<Diagnostic> FlowSolver<Real>::more_diagnostics(const mesh::State<Real>& state) {
  std::vector<Diagnostic> list;
  const bool parts = impl_->params.surface.forces && !impl_->forcing.empty();
  const bool scalar = impl_->params.scalar.enabled;
  if (!parts && !impl_->params.balance && !scalar) return list;
  impl_->refresh_ghosts(state);
  if (parts) impl_->add_force_parts(state, list);
  if (impl_->params.balance) impl_->add_balance(state, list);
  if (scalar) impl_->add_scalar_fluxes(state, list);
  return list;
}

template void FlowSolver<float>::Impl::add_force_parts(const mesh::State<float>&,
                                                       std::vector<Diagnostic>&);
template void FlowSolver<double>::Impl::add_force_parts(const mesh::State<double>&,
                                                        std::vector<Diagnostic>&);
template std::vector<Diagnostic> FlowSolver<float>::more_diagnostics(const mesh::State<float>&);
template std::vector<Diagnostic> FlowSolver<double>::more_diagnostics(const mesh::State<double>&);

}  // namespace understudy::solvers
