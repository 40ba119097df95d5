// How a FlowSolver chooses its time steps.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/time_step.hpp"

namespace understudy::solvers {

template <class Real>
double FlowSolver<Real>::Impl::time_step_limit(const State& state) {
  const core::ScopedTimer region("explicit");
  const core::Comm& comm = grid->comm();
  const flow::Velocity<Real> u = velocity(state);
  flow::StepRates rates;
  rates.upwind = params.convection == "upwind3";
  rates.convection =
      comm.max(std::max(flow::max_cfl_rate_1_s(*grid, u), boundaries.max_cfl_rate_1_s(u)));
  double least = params.viscosity(), most = least;
  if (params.scalar.enabled) {
    if (!params.scalar.limited())  // which has a scheme of its own in time
      least = std::min(least, params.scalar.diffusivity_m2_s);
    most = std::max(most, params.scalar.diffusivity_m2_s);
  }
  double scalar_most = params.scalar.diffusivity_m2_s;
  if (les()) {
    update_eddy_viscosity(state);
    const double eddy_most = comm.max(flow::largest_value(*grid, eddy));
    scalar_most += eddy_most / params.les.turbulent_schmidt;
    most = std::max(params.viscosity() + eddy_most, params.scalar.enabled ? scalar_most : 0.0);
  }
  double inverse_squares = 0, widest = 0;
  scalar_diffusion_1_s = 0;
  for (int axis = 0; axis < grid->dimension(); ++axis) {
    widest = std::max(widest, grid->spacing(axis));
    const double inverse_square = 1 / (grid->spacing(axis) * grid->spacing(axis));
    inverse_squares += inverse_square;
    // Beside a given value, half a spacing away, a cell has 2 + 1 links.
    scalar_diffusion_1_s += (boundaries.gives_scalar(axis) ? 3 : 2) * scalar_most * inverse_square;
  }
  if (params.scalar.limited()) rates.bounded = rates.convection + scalar_diffusion_1_s;
  rates.diffusion_least = 4 * least / (widest * widest);
  rates.diffusion_total =
      4 * most * inverse_squares + params.rayleigh_friction_1_s + reaction.fastest_1_s();
  const double dt = flow::stable_step(rates, params.cfl);
  return params.max_dt_s > 0 ? std::min(dt, params.max_dt_s) : dt;
}

// The first step without history is Euler's, whose error (it feeds energy, dt^2 |du/dt|^2 / 2) is
// made 16 times smaller by a start with dt/4, dt/4, dt/2. A flow that starts from rest meets its
// limit only now: what comes in at the boundaries, or the body force, sets it moving.
template <class Real>
int FlowSolver<Real>::Impl::start(State& state, double dt_s, double& taken_s) {
  int steps = 0;
  taken_s = 0;
  for (const double part : {0.25, 0.25, 0.5}) {
    if (steps > 0 && time_step_limit(state) < part * dt_s) return steps;
    step(state, part * dt_s);
    taken_s += part * dt_s;
    ++steps;
  }
  return steps;
}

template <class Real>
double FlowSolver<Real>::stable_dt(const mesh::State<Real>& state) {
  impl_->refresh_ghosts(state);
  return impl_->time_step_limit(state);
}

template <class Real>
AdvanceReport FlowSolver<Real>::advance(mesh::State<Real>& state, double duration_s) {
  constexpr long long steps_per_limit = 4;  // the limit is found anew after so many steps,
  constexpr double steady = 0.8;  // after one where it fell below this part of the one before
  const double end_s = state.time_s + duration_s;
  AdvanceReport report;
  impl_->refresh_ghosts(state);
  double left_s = duration_s, limit_before_s = flow::no_step_limit;
  while (left_s > 0) {
    const double limit_s = impl_->time_step_limit(state);
    if (!(limit_s > 1e-9 * duration_s))
      throw core::RunError(core::format(
          "the stable time step fell to {:.3g} s at step {}, time {:.6g} s: the velocities grow "
          "without bound. A finer grid, a smaller flow.cfl or convection: upwind3 may help.",
          limit_s, state.step, state.time_s));
    const long long steps =
        std::max(1LL, static_cast<long long>(std::ceil(left_s / limit_s * (1 - 1e-12))));
    const double dt_s = left_s / static_cast<double>(steps);
    if (state.scalars["dt_previous_s"] > 0) {
      const bool changed = limit_s < steady * limit_before_s;
      const long long now = std::min(steps, changed ? 1 : steps_per_limit);
      for (long long n = 0; n < now; ++n) {
        impl_->step(state, dt_s);
        this->stepped(state);
      }
      report.steps += now;
      left_s = dt_s * static_cast<double>(steps - now);
    } else {
      double taken_s = 0;
      report.steps += impl_->start(state, dt_s, taken_s);
      this->stepped(state);
      left_s = taken_s == dt_s ? dt_s * static_cast<double>(steps - 1) : left_s - taken_s;
    }
    limit_before_s = limit_s;
  }
  state.time_s = end_s;
  report.cell_updates =
      static_cast<double>(report.steps) * static_cast<double>(impl_->grid->global_cell_count());
  return report;
}

template double FlowSolver<float>::Impl::time_step_limit(const mesh::State<float>&);
template double FlowSolver<double>::Impl::time_step_limit(const mesh::State<double>&);
template int FlowSolver<float>::Impl::start(mesh::State<float>&, double, double&);
template int FlowSolver<double>::Impl::start(mesh::State<double>&, double, double&);
template double FlowSolver<float>::stable_dt(const mesh::State<float>&);
template double FlowSolver<double>::stable_dt(const mesh::State<double>&);
template AdvanceReport FlowSolver<float>::advance(mesh::State<float>&, double);
template AdvanceReport FlowSolver<double>::advance(mesh::State<double>&, double);

}  // namespace understudy::solvers
