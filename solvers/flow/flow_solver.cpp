#include "solvers/flow/flow_solver.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/initial_state.hpp"

namespace understudy::solvers {

namespace {

constexpr const char* component_names[3] = {"u", "v", "w"};

const FlowParams& of_finite_volumes(const FlowParams& params) {
  if (params.discretisation != "finite_volume")
    throw core::UserError(core::format(
        "flow.discretisation: is {}, and a FlowSolver is of finite volumes; make a SpectralFlow",
        params.discretisation));
  return params;
}

}  // namespace

template <class Real>
FlowSolver<Real>::FlowSolver(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
                             const std::string& deck_directory)
    : impl_(std::make_unique<Impl>(of_finite_volumes(params), std::move(grid), deck_directory)) {}

template <class Real>
FlowSolver<Real>::~FlowSolver() = default;

template <class Real>
std::shared_ptr<const mesh::Grid> FlowSolver<Real>::grid() const {
  return impl_->grid;
}

template <class Real>
const FlowParams& FlowSolver<Real>::params() const {
  return impl_->params;
}

template <class Real>
const FlowStepInfo& FlowSolver<Real>::last_step() const {
  impl_->read_body_force();
  return impl_->info;
}

template <class Real>
std::vector<mesh::FieldInfo> FlowSolver<Real>::fields() const {
  using mesh::Location, mesh::Role;
  std::vector<mesh::FieldInfo> list;
  const int dimension = impl_->grid->dimension();
  for (int a = 0; a < std::min(3, dimension); ++a)
    list.push_back({.name = component_names[a],
                    .unit = "m/s",
                    .location = static_cast<Location>(a + 1),
                    .role = Role::prognostic,
                    .description = std::string("velocity along ") + "xyz"[a]});
  list.push_back(
      {.name = "p",
       .unit = "Pa",
       .location = Location::cell,
       .role = Role::prognostic,
       .description = "pressure in the middle of the last time step, zero mean over the fluid"});
  if (impl_->params.scalar.enabled)
    list.push_back({.name = "scalar",
                    .unit = "1",
                    .location = Location::cell,
                    .role = Role::prognostic,
                    .description = "passive scalar"});
  if (!impl_->bodies.empty())
    list.push_back({.name = "mask",
                    .unit = "1",
                    .location = Location::cell,
                    .role = Role::fixed,
                    .description = "1 in the fluid, 0 in a body"});
  for (int a = 0; a < dimension; ++a)
    list.push_back({.name = std::string(component_names[a]) + "_rate",
                    .unit = "m/s2",
                    .location = static_cast<Location>(a + 1),
                    .role = Role::history,
                    .description = "convection and diffusion of the last step"});
  if (impl_->params.scalar.enabled)
    list.push_back({.name = "scalar_rate",
                    .unit = "1/s",
                    .location = Location::cell,
                    .role = Role::history,
                    .description = impl_->reaction.empty()
                                       ? "convection and diffusion of the last step"
                                       : "convection, diffusion and reaction of the last step"});
  list.push_back(
      {.name = "pressure_increment",
       .unit = "m2/s2",
       .location = Location::cell,
       .role = Role::history,
       .description = "last change of the pressure over density: the solver's next guess"});
  if (impl_->extrapolates())
    list.push_back({.name = "pressure_increment_old",
                    .unit = "m2/s2",
                    .location = Location::cell,
                    .role = Role::history,
                    .description = "the change before"});
  return list;
}

template <class Real>
std::vector<PointProcess<Real>> FlowSolver<Real>::point_processes() {
  if (impl_->reaction.empty()) return {};
  return {impl_->reaction.process()};
}

template <class Real>
void FlowSolver<Real>::constrain(mesh::State<Real>& state) {
  Impl& m = *impl_;
  const flow::Velocity<Real> u = m.velocity(state);
  const mesh::Array3<Real> phi = state["pressure_increment"].component();
  if (!m.forcing.empty()) m.forcing.fill_mask(state["mask"].component());
  m.boundaries.evaluate(state.time_s);
  m.halo.exchange(m.in_use(u));
  m.boundaries.reset_outflow(u);
  m.boundaries.balance();
  m.impose_scalar(state);
  m.fill_ghosts(state);
  Kokkos::deep_copy(phi, Real(0));
  m.project(state, {1.0, m.constrain_rounds(), u, u, {}});
  Kokkos::deep_copy(phi, Real(0));
  m.remove_mean_pressure(state["p"].component());
  state.scalars["dt_previous_s"] = 0;
  m.fill_ghosts(state);
}

template <class Real>
void FlowSolver<Real>::initialise(mesh::State<Real>& state) {
  Impl& m = *impl_;
  flow::fill_initial_state(m.params, state);
  constrain(state);
  m.find_pressure(state);
}

template class FlowSolver<float>;
template class FlowSolver<double>;

}  // namespace understudy::solvers
