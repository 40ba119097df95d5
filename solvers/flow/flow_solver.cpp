#include "solvers/flow/flow_solver.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.hpp"
#include "solvers/flow/boundary_values.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/formula_checks.hpp"
#include "solvers/flow/random_velocity.hpp"

namespace understudy::solvers {

namespace {

constexpr const char* component_names[3] = {"u", "v", "w"};

// Noise by global index, so that it does not depend on the ranks: splitmix64 (Steele et al. 2014).
double noise(unsigned long long seed, unsigned long long index) {
  unsigned long long z = (seed + 1) * 0x9E3779B97F4A7C15ull + index * 0xD1B54A32D192ED03ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return 2 * (static_cast<double>(z >> 11) * 0x1.0p-53) - 1;
}

template <class Real, class Value>
void fill_points(const mesh::State<Real>& state, const std::string& name, const Value& value) {
  const mesh::Grid& grid = state.grid();
  const mesh::Field<Real>& field = state[name];
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  const mesh::Range3 r = grid.points(field.info.location);
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::array<double, 3> x = grid.position(field.info.location, k, j, i);
        const unsigned long long global =
            (1ull * (k - r.begin[2] + grid.offset(2)) * (grid.global_cells(1) + 1) + j -
             r.begin[1] + grid.offset(1)) *
                (grid.global_cells(0) + 1) +
            i - r.begin[0] + grid.offset(0);
        host(0, k, j, i) = Real(value(x, global));
      }
  Kokkos::deep_copy(field.data, host);
}

}  // namespace

template <class Real>
FlowSolver<Real>::FlowSolver(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
                             const std::string& deck_directory)
    : impl_(std::make_unique<Impl>(params, std::move(grid), deck_directory)) {}

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
  for (int a = 0; a < dimension; ++a)
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
  const FlowInitialParams& initial = m.params.initial;
  const auto formulas =
      flow::vector_formulas(initial.velocity_m_s, m.grid->dimension(), "flow.initial.velocity_m_s");
  state.time_s = 0;
  state.step = 0;
  state.scalars.clear();
  for (auto& field : state.fields()) Kokkos::deep_copy(field.data, Real(0));
  std::string fault;
  const auto value = [&](const flow::FormulaPlace& place, const core::Expression& formula,
                         const std::array<double, 3>& x) {
    const double number = formula(x[0], x[1], x[2], 0);
    if (!std::isfinite(number) && fault.empty())
      fault = flow::formula_fault(place, formula, number, x, 0);
    return number;
  };
  for (int a = 0; a < m.grid->dimension(); ++a) {
    const auto seed = 3 * static_cast<unsigned long long>(initial.noise_seed) + a;
    fill_points(state, component_names[a],
                [&](const std::array<double, 3>& x, unsigned long long global) {
                  return value({"flow.initial.velocity_m_s", a}, formulas[a], x) +
                         initial.noise_m_s * noise(seed, global);
                });
  }
  flow::add_random_velocity(initial.random, static_cast<unsigned long long>(initial.noise_seed),
                            state);
  if (m.params.scalar.enabled) {
    const auto scalar = flow::scalar_formula(initial.scalar, "flow.initial.scalar");
    fill_points(state, "scalar", [&](const std::array<double, 3>& x, unsigned long long) {
      return value({"flow.initial.scalar", -1}, scalar, x);
    });
  }
  m.grid->comm().template throw_on_all_ranks<core::UserError>(fault);
  constrain(state);
  m.find_pressure(state);
}

template class FlowSolver<float>;
template class FlowSolver<double>;

}  // namespace understudy::solvers
