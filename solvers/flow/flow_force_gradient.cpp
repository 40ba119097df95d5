// The derivative of the forces on bodies (body_forcing.hpp has the forces): the transpose of the sums over their
// points, of the rates of the momentum there and of the pressure's gradient.
#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "solvers/flow/flow_derivative.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr std::array<const char*, 3> coefficients{"drag_coefficient", "lift_coefficient",
                                                  "side_coefficient"};

// Which body (-1: all together) and which component a diagnostic's name says.
struct ForceName {
  std::string name;
  int body = -1, component = 0;
};

std::vector<ForceName> force_names(int dimension, std::size_t bodies) {
  std::vector<ForceName> names;
  if (bodies == 0) return names;
  const auto add = [&](const std::string& prefix, int body) {
    for (int a = 0; a < 3; ++a)
      if (a < dimension) names.push_back({prefix + coefficients.at(std::size_t(a)), body, a});
  };
  add("flow.", -1);
  for (std::size_t n = 0; n < bodies && bodies > 1; ++n)
    add(core::format("flow.body{}.", n + 1), static_cast<int>(n));
  return names;
}

}  // namespace

template <class Real>
std::vector<std::string> FlowDerivative<Real>::differentiable_diagnostics() const {
  std::vector<std::string> names;
  for (const auto& force : force_names(impl_.grid->dimension(), impl_.bodies.count()))
    names.push_back(force.name);
  return names;
}

template <class Real>
void FlowDerivative<Real>::add_gradient(const std::string& diagnostic, const State& state,
                                        double weight, State& adjoint, Controls<Real>& gradient) {
  const mesh::BoxGrid& grid = *impl_.grid;
  const auto names = force_names(grid.dimension(), impl_.bodies.count());
  const auto force = std::ranges::find(names, diagnostic, &ForceName::name);
  if (force == names.end())
    throw core::UserError(
        core::format("'{}' has no derivative; there are {}", diagnostic,
                     core::joined(differentiable_diagnostics(), "none: the flow has no bodies")));
  if (impl_.bodies.near_sides() || impl_.bodies.spans_sides())
    throw core::UserError(core::format(
        "{}: the derivative of the force on bodies within three cells of a side that is not periodic is not known",
        diagnostic));
  impl_.refresh_ghosts(state);
  const auto u = impl_.velocity(state);
  const FlowArrays<Real> a = arrays(adjoint);
  const double scale =
      weight * impl_.force_scale() * impl_.params.density_kg_m3 * grid.cell_volume();
  for (int c = 0; c < grid.dimension(); ++c) Kokkos::deep_copy(work_[c], Real(0));
  impl_.forcing.add_to_forced(force->body, force->component, scale, work_[force->component]);
  impl_.halo.exchange(impl_.in_use(work_));
  slopes_ = {};
  if (gradient.numbers.contains("viscosity")) slopes_.viscosity = viscosity_slope(grid, u, work_);
  const StepCoefficients<Real> n = impl_.numbers(1, 0);
  add_transposed_gradient(grid, -static_cast<double>(n.inv_density), work_, a.p);
  add_transposed_rates(grid, n, Real(0), u, work_, a.u);
  // What pushes the fluid's part of their control volumes.
  const int c = force->component;
  const double friction = impl_.params.rayleigh_friction_1_s;
  if (friction != 0) impl_.forcing.add_fluid_share(force->body, c, -scale * friction, a.u[c]);
  slopes_.acceleration[c] = scale * impl_.forcing.fluid_points(force->body, c);
  if (const auto field = gradient.fields.find("force"); field != gradient.fields.end())
    impl_.forcing.add_fluid_share(
        force->body, c, scale,
        Kokkos::subview(field->second, c, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL));
  add_slopes(gradient);
  for (const auto& field : adjoint.fields())
    if (field.info.role != mesh::Role::fixed)
      clear_ghosts(grid, field.info.location, field.component());
}

template class FlowDerivative<float>;
template class FlowDerivative<double>;

}  // namespace understudy::solvers::flow
