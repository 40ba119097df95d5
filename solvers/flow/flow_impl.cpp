#include "solvers/flow/flow_impl.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "solvers/flow/derived.hpp"
#include "solvers/flow/flow_tape.hpp"
#include "solvers/flow/time_step.hpp"
#include "solvers/run_loop.hpp"

namespace understudy::solvers {

namespace {

template <class Real>
mesh::Array3<Real> scratch(const mesh::BoxGrid& grid, const char* name) {
  return mesh::Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0));
}

}  // namespace

template <class Real>
std::unique_ptr<mesh::LinearSolver<Real>> flow::make_pressure_solver(
    const mesh::LinearSolverParams& pressure, std::shared_ptr<const mesh::BoxGrid> grid) {
  mesh::LinearProblem<Real> problem;
  problem.grid = grid;
  for (int side = 0; side < 6; ++side)
    problem.boundary[side] = grid->periodic(mesh::side_axis(side)) ? mesh::LinearBoundary::periodic
                                                                   : mesh::LinearBoundary::neumann;
  return mesh::make_linear_solver<Real>(pressure, problem);
}

template <class Real>
FlowSolver<Real>::Impl::Impl(const FlowParams& params_, std::shared_ptr<const mesh::BoxGrid> grid_,
                             const std::string& deck_directory)
    : params((check_flow_params(params_, *grid_), params_)),
      grid(grid_),
      bodies(params.bodies, grid, deck_directory),
      forcing(bodies, grid),
      body_scalar(bodies, *grid, params.scalar),
      boundaries(params, grid, deck_directory, bodies),
      external(params, *grid),
      buoyancy(params.scalar),
      reaction(params.scalar, *grid),
      halo(grid),
      pressure(flow::make_pressure_solver<Real>(params.pressure, grid)),
      right_side(scratch<Real>(*grid, "pressure right side")) {
  for (int axis = 0; axis < grid->dimension(); ++axis)
    u_star[axis] = scratch<Real>(*grid, "u star");
  if (les()) eddy = scratch<Real>(*grid, "eddy viscosity");
  if (params.scalar.enabled) scalar_star = scratch<Real>(*grid, "scalar star");
  if (params.scalar.limited() && !reaction.empty())
    scalar_source = scratch<Real>(*grid, "scalar source");
}

template <class Real>
double FlowSolver<Real>::Impl::les_constant() const {
  if (params.les.constant > 0) return params.les.constant;
  return params.les.model == "wale" ? 0.5 : 0.17;
}

template <class Real>
flow::Velocity<Real> FlowSolver<Real>::Impl::velocity(const State& state) const {
  flow::Velocity<Real> u{state["u"].component(), state["v"].component(), {}};
  if (grid->dimension() == 3) u[2] = state["w"].component();
  return u;
}

template <class Real>
flow::Velocity<Real> FlowSolver<Real>::Impl::rates(const State& state) const {
  flow::Velocity<Real> rate{state["u_rate"].component(), state["v_rate"].component(), {}};
  if (grid->dimension() == 3) rate[2] = state["w_rate"].component();
  return rate;
}

template <class Real>
std::vector<mesh::Array3<Real>> FlowSolver<Real>::Impl::in_use(
    const flow::Velocity<Real>& u) const {
  return {u.begin(), u.begin() + grid->dimension()};
}

template <class Real>
flow::StepCoefficients<Real> FlowSolver<Real>::Impl::numbers(double dt_s,
                                                             double dt_previous_s) const {
  flow::StepCoefficients<Real> n;
  const double r = dt_previous_s > 0 ? dt_s / dt_previous_s : 0;
  n.dt = Real(dt_s);
  n.weight_now = Real(1 + r / 2);
  n.weight_old = Real(-r / 2);
  n.viscosity = Real(params.viscosity());
  n.inv_density = Real(1 / params.density_kg_m3);
  for (std::size_t axis = 0; axis < params.acceleration_m_s2.size(); ++axis)
    n.acceleration[axis] = Real(params.acceleration_m_s2[axis]);
  n.upwind = params.convection == "upwind3";
  return n;
}

template <class Real>
void FlowSolver<Real>::Impl::fill_ghosts(const State& state) {
  const core::ScopedTimer region("ghosts");
  const flow::Velocity<Real> u = velocity(state);
  auto arrays = in_use(u);
  arrays.push_back(state["p"].component());
  if (params.scalar.enabled) arrays.push_back(state["scalar"].component());
  halo.exchange(arrays);
  boundaries.fill(u, state["p"].component(),
                  params.scalar.enabled ? state["scalar"].component() : mesh::Array3<Real>());
}

template <class Real>
void FlowSolver<Real>::Impl::refresh_ghosts(const State& state) {
  boundaries.evaluate(state.time_s);
  boundaries.load_outflow(velocity(state), halo);
  fill_ghosts(state);
}

template <class Real>
void FlowSolver<Real>::Impl::update_eddy_viscosity(const State& state) {
  if (!les()) return;
  const core::ScopedTimer region("eddy viscosity");
  flow::eddy_viscosity(*grid, params.les.model == "wale", les_constant(), velocity(state), eddy);
}

// In single precision a residual that falls no further may be at the floor of round-off.
template <class Real>
bool FlowSolver<Real>::Impl::at_round_off() const {
  return std::is_same_v<Real, float> && std::isfinite(info.pressure.residual) &&
         info.pressure.residual <= flow::largest_floor_of_single &&
         info.pressure.iterations < params.pressure.max_iterations;
}

// What is not finite is the cause, and the solver's residual only its symptom.
template <class Real>
void FlowSolver<Real>::Impl::name_what_is_not_finite(State& state) {
  constexpr double finite = std::numeric_limits<Real>::max();
  check_contract(state, finite);
  if (std::isfinite(grid->comm().sum(flow::divergence_norms(*grid, u_star)[0]))) return;
  const flow::Velocity<Real> u = velocity(state);
  for (int axis = 0; axis < grid->dimension(); ++axis) Kokkos::deep_copy(u[axis], u_star[axis]);
  ++state.step;
  check_contract(state, finite);
}

template <class Real>
void FlowSolver<Real>::Impl::solve_pressure(State& state) {
  const core::ScopedTimer region("pressure");
  info.pressure = pressure->solve(right_side, state["pressure_increment"].component());
  if (info.pressure.converged) return;
  if (at_round_off()) {
    if (!warned)
      core::log::warn(
          "flow: pressure solver '{}' stopped at relative residual {:.2g} (tolerance {:g}), "
          "the floor of single precision",
          pressure->name(), info.pressure.residual, params.pressure.tolerance);
    warned = true;
    return;
  }
  name_what_is_not_finite(state);
  throw core::RunError(core::format(
      "pressure solver '{}' did not converge: relative residual {:.3g} after {} iterations, wanted "
      "is {:g}; raise flow.pressure.max_iterations or choose another flow.pressure.method",
      pressure->name(), info.pressure.residual, info.pressure.iterations,
      params.pressure.tolerance));
}

// phi has no mean over the whole box; the pressure is to have none over the fluid, from step to step,
// whatever lies in the bodies.
template <class Real>
double FlowSolver<Real>::Impl::level_of_fluid(const mesh::Array3<Real>& phi) const {
  return forcing.empty() ? 0 : -forcing.buried_sum(phi) / fluid_cells();
}

template <class Real>
double FlowSolver<Real>::Impl::fluid_cells() const {
  return static_cast<double>(grid->global_cell_count()) -
         (forcing.empty() ? 0 : forcing.buried_count());
}

template <class Real>
void FlowSolver<Real>::Impl::remove_mean_pressure(const mesh::Array3<Real>& p) const {
  if (!forcing.empty()) forcing.clear_buried(p);
  const double sum = flow::integrate(*grid, p) / grid->cell_volume();
  flow::shift(*grid, p, -sum / fluid_cells());
  if (!forcing.empty()) forcing.clear_buried(p);
}

template <class Real>
void FlowSolver<Real>::Impl::project(State& state, const flow::Projection<Real>& task) {
  for (int round = 1; round <= task.rounds; ++round) {
    {
      const core::ScopedTimer region("explicit");
      boundaries.set_normal(task.from);
      if (!forcing.empty()) {
        halo.exchange(in_use(task.from));
        if (bodies.near_sides()) boundaries.fill_velocity(task.from);
        if (task.of_step)
          forcing.apply(task.from, round - 1);
        else
          forcing.apply_to_change(task.from);
      }
      halo.exchange(in_use(task.from), 1);
      flow::pressure_right_side(*grid, task.dt_s, task.from, right_side);
      if (!forcing.empty()) forcing.level_buried(right_side);
    }
    solve_pressure(state);
    const core::ScopedTimer region("explicit");
    const mesh::Array3<Real> phi = state["pressure_increment"].component();
    flow::correct(*grid, {task.dt_s, params.density_kg_m3, phi, level_of_fluid(phi)}, task.from,
                  round == task.rounds ? task.to : task.from, task.p);
  }
  if (!forcing.empty() && task.p.data()) forcing.clear_buried(task.p);
}

template <class Real>
void FlowSolver<Real>::Impl::read_body_force() {
  if (forcing.empty() || info.dt_s == 0) return;
  const double scale = params.density_kg_m3 * grid->cell_volume() / info.dt_s;
  const std::array<double, 3> change = forcing.changes(params.forcing_iterations);
  for (int a = 0; a < 3; ++a) info.local_body_force_n[a] = -change[a] * scale;
}

// The increment is dt dp/dt / rho: smooth in time once two steps have been taken.
template <class Real>
void FlowSolver<Real>::Impl::guess_increment(State& state, double dt_s) {
  if (!extrapolates()) return;
  const core::ScopedTimer region("explicit");
  const mesh::Array3<Real> phi = state["pressure_increment"].component();
  const mesh::Array3<Real> old = state["pressure_increment_old"].component();
  double& known = state.scalars["pressure_increments"];
  if (state.scalars["dt_previous_s"] == 0) known = 0;
  if (known >= 2)
    flow::extrapolate_increment(*grid, dt_s / state.scalars["dt_previous_s"], phi, old);
  else
    Kokkos::deep_copy(old, phi);
  known = std::min(known + 1, 2.0);
}

template <class Real>
void FlowSolver<Real>::Impl::impose_scalar(const State& state) {
  if (body_scalar.empty()) return;
  const mesh::Array3<Real> scalar = state["scalar"].component();
  halo.exchange({scalar});
  if (bodies.near_sides()) boundaries.fill_scalar(scalar);
  body_scalar.impose(scalar);
}

template <class Real>
void FlowSolver<Real>::Impl::step_scalar(State& state, const flow::StepCoefficients<Real>& n) {
  const flow::ScalarStep<Real> task = scalar_task(state);
  flow::predict_scalar(*grid, n, velocity(state), task);
  body_scalar.make_advective(n, velocity(state), task);
  reaction.add(n, task);
  Kokkos::deep_copy(task.scalar, scalar_star);  // fill_ghosts follows after the projection
  impose_scalar(state);
}

template <class Real>
flow::ScalarStep<Real> FlowSolver<Real>::Impl::scalar_task(const State& state) const {
  return {state["scalar"].component(),
          state["scalar_rate"].component(),
          scalar_star,
          params.scalar.diffusivity_m2_s,
          eddy,
          params.les.turbulent_schmidt,
          params.scalar.convection == "upwind3"};
}

template <class Real>
void FlowSolver<Real>::Impl::limited_stage(State& state, const flow::StepCoefficients<Real>& n,
                                           bool second) {
  flow::ScalarStep<Real> task = scalar_task(state);
  task.rate = {};
  body_scalar.keep_base(scalar_star, second);
  flow::limited_scalar_stage(
      *grid, {static_cast<double>(n.dt), second, scalar_diffusion_1_s, boundaries.given_faces()},
      velocity(state), task);
  flow::StepCoefficients<Real> part = n;
  part.weight_now = Real(second ? 0.5 : 1);
  body_scalar.make_advective(part, velocity(state), task);
  body_scalar.bound(task, second);
}

// The reaction is a part of both stages, once evaluated: extrapolated to the middle of the step by
// Adams-Bashforth, whose history the state's scalar_rate is.
template <class Real>
void FlowSolver<Real>::Impl::first_scalar_stage(State& state,
                                                const flow::StepCoefficients<Real>& n) {
  limited_stage(state, n, false);
  const flow::ScalarStep<Real> task = scalar_task(state);
  if (!reaction.empty()) {
    flow::scale_into(*grid, n.dt * n.weight_old, task.rate, scalar_source);
    Kokkos::deep_copy(task.rate, Real(0));
    flow::ScalarStep<Real> source = task;
    source.star = scalar_source;
    reaction.add(n, source);
    flow::add(*grid, scalar_source, scalar_star);
  }
  flow::keep_half(*grid, task.scalar, scalar_star, scalar_source);
  impose_scalar(state);  // fill_ghosts follows after the projection
}

template <class Real>
void FlowSolver<Real>::Impl::second_scalar_stage(State& state,
                                                 const flow::StepCoefficients<Real>& n) {
  const core::ScopedTimer region("explicit");
  update_eddy_viscosity(state);
  limited_stage(state, n, true);
  const mesh::Array3<Real> scalar = state["scalar"].component();
  Kokkos::deep_copy(scalar, scalar_star);
  impose_scalar(state);
  halo.exchange({scalar});
  boundaries.fill_scalar(scalar);
}

template <class Real>
void FlowSolver<Real>::Impl::step(State& state, double dt_s) {
  const flow::Velocity<Real> u = velocity(state);
  const mesh::Array3<Real> p = state["p"].component();
  const flow::StepCoefficients<Real> n = numbers(dt_s, state.scalars["dt_previous_s"]);
  if (tape) tape->keep(u, {state.time_s, dt_s, state.scalars["dt_previous_s"], state.step});
  {
    const core::ScopedTimer region("explicit");
    boundaries.evaluate(state.time_s + dt_s);
    boundaries.convect_outflow(u, dt_s);
    boundaries.balance();
    update_eddy_viscosity(state);
    flow::predict_velocity(*grid, n, u, p, eddy, rates(state), u_star);
    add_push(state, n, state.time_s + 0.5 * dt_s);
    if (params.scalar.limited())
      first_scalar_stage(state, n);
    else if (params.scalar.enabled)
      step_scalar(state, n);
  }
  guess_increment(state, dt_s);
  info.dt_s = dt_s;
  project(state, {dt_s, params.forcing_iterations, u_star, u, p, true});
  state.scalars["dt_previous_s"] = dt_s;
  state.time_s += dt_s;
  ++state.step;
  fill_ghosts(state);
  if (params.scalar.limited()) second_scalar_stage(state, n);
}

template <class Real>
void FlowSolver<Real>::Impl::find_pressure(State& state) {
  const double limit = time_step_limit(state);
  const double dt_s = limit < flow::no_step_limit ? limit : 1;
  const mesh::Array3<Real> p = state["p"].component(),
                           phi = state["pressure_increment"].component();
  Kokkos::deep_copy(p, Real(0));
  Kokkos::deep_copy(phi, Real(0));
  update_eddy_viscosity(state);
  const flow::StepCoefficients<Real> n = numbers(dt_s, 0);
  flow::predict_velocity(*grid, n, velocity(state), p, eddy, rates(state), u_star);
  add_push(state, n, state.time_s);
  project(state, {dt_s, 1, u_star, u_star, p});
  Kokkos::deep_copy(phi, Real(0));
  fill_ghosts(state);
}

template std::unique_ptr<mesh::LinearSolver<float>> flow::make_pressure_solver(
    const mesh::LinearSolverParams&, std::shared_ptr<const mesh::BoxGrid>);
template std::unique_ptr<mesh::LinearSolver<double>> flow::make_pressure_solver(
    const mesh::LinearSolverParams&, std::shared_ptr<const mesh::BoxGrid>);
template struct FlowSolver<float>::Impl;
template struct FlowSolver<double>::Impl;

}  // namespace understudy::solvers
