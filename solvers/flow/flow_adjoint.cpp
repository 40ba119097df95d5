// The transpose of a step and of a projection.
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "solvers/flow/flow_derivative.hpp"

namespace understudy::solvers::flow {

namespace {

template <class Real>
mesh::Array3<Real> component(const mesh::Array4<Real>& field, int c) {
  return Kokkos::subview(field, c, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
}

}  // namespace

// Ghosts are nobody's. Names what is not finite.
template <class Real>
void FlowDerivative<Real>::begin_adjoint(const State& adjoint) {
  slopes_ = {};
  const mesh::BoxGrid& grid = *impl_.grid;
  for (const auto& field : adjoint.fields()) {
    if (field.info.role == mesh::Role::fixed) continue;
    clear_ghosts(grid, field.info.location, field.component());
    if (grid.comm().sum(count_not_finite(grid, field.component())) > 0)
      throw core::RunError(core::format(
          "the derivative with respect to {} is not finite, as it was given", field.info.name));
  }
}

template <class Real>
void FlowDerivative<Real>::require_finite(const FlowArrays<Real>& a,
                                          const FlowStepMark& mark) const {
  const mesh::BoxGrid& grid = *impl_.grid;
  std::array<double, 3> counts{};
  for (int c = 0; c < grid.dimension(); ++c) counts[c] = count_not_finite(grid, a.u[c]);
  grid.comm().sum(std::span<double>(counts));
  for (int c = 0; c < grid.dimension(); ++c)
    if (counts[c] > 0)
      throw core::RunError(core::format(
          "the derivative with respect to {} is not finite at step {}, time {:.6g} s: it "
          "grew without bound on its way back; a shorter time may help",
          "uvw"[c], mark.step, mark.time_s));
}

template <class Real>
void FlowDerivative<Real>::collect_step(const StepCoefficients<Real>& n, const Velocity<Real>& u,
                                        const FlowArrays<Real>& a, Controls<Real>& gradient) {
  const mesh::BoxGrid& grid = *impl_.grid;
  if (gradient.numbers.contains("viscosity")) slopes_.viscosity += viscosity_slope(grid, u, work_);
  const auto force = gradient.fields.find("force");
  for (int c = 0; c < grid.dimension(); ++c) {
    if (gradient.numbers.contains("acceleration"))
      slopes_.acceleration[c] += static_cast<double>(n.dt) * sum_interior(grid, a.u[c]);
    if (force != gradient.fields.end())
      add_scaled(grid, static_cast<double>(n.dt), a.u[c], component(force->second, c));
  }
}

template <class Real>
void FlowDerivative<Real>::add_slopes(Controls<Real>& gradient) {
  std::vector<double> sums{slopes_.viscosity};
  sums.insert(sums.end(), slopes_.acceleration.begin(), slopes_.acceleration.end());
  sums.insert(sums.end(), slopes_.boundary_scale.begin(), slopes_.boundary_scale.end());
  impl_.grid->comm().sum(std::span<double>(sums));
  const auto add = [&](const char* name, std::size_t first) {
    const auto numbers = gradient.numbers.find(name);
    if (numbers == gradient.numbers.end()) return;
    for (double& number : numbers->second) number += sums.at(first++);
  };
  add("viscosity", 0);
  add("acceleration", 1);
  add("boundary_scale", 4);
  slopes_ = {};
}

// The derivatives of the velocities that were imposed go to those that they were computed from, on whichever
// rank these lie.
template <class Real>
void FlowDerivative<Real>::impose_adjoint(const Velocity<Real>& a) {
  for (int c = 0; c < impl_.grid->dimension(); ++c) clear_halo(*impl_.grid, a[c]);
  forcing_.apply(a);
  halo_.give_back(impl_.in_use(a));
  if (impl_.bodies.near_sides()) boundaries_.fold_velocity(a);
  boundaries_.fold_normal(a);
}

// Backward through u = u* - dt grad phi, p += rho (phi - level), -lap phi = -div u* / dt. On entry right_side_
// is the derivative with respect to phi itself.
template <class Real>
void FlowDerivative<Real>::round_adjoint(const Rounds& task, const FlowArrays<Real>& a) {
  const mesh::BoxGrid& grid = *impl_.grid;
  const bool bodies = !impl_.forcing.empty();
  impl_.halo.exchange(impl_.in_use(a.u), 1);
  add_transposed_gradient(grid, -task.dt_s, a.u, right_side_);
  if (task.with_pressure) {
    const double rho = impl_.params.density_kg_m3;
    add_scaled(grid, rho, a.p, right_side_);
    if (bodies)
      impl_.forcing.shift_buried(
          right_side_, rho * grid.comm().sum(sum_interior(grid, a.p)) / impl_.fluid_cells());
  }
  solve(right_side_, potential_);
  const core::ScopedTimer region("explicit");
  if (bodies) {
    impl_.forcing.level_buried(potential_);
    impl_.halo.exchange({potential_}, 1);
    impl_.boundaries.fill({}, potential_, {});
  }
  correct(grid, {-1 / task.dt_s, 1, potential_, 0}, a.u, a.u, {});
  boundaries_.take_divergence(potential_, task.dt_s);
  if (bodies) impose_adjoint(a.u);
}

template <class Real>
void FlowDerivative<Real>::project_adjoint(const Rounds& task, const FlowArrays<Real>& a) {
  if (!impl_.forcing.empty() && task.with_pressure) impl_.forcing.clear_buried(a.p);
  for (int round = task.count; round > 0; --round) {
    if (round == task.count)
      Kokkos::deep_copy(right_side_, a.increment);
    else
      Kokkos::deep_copy(right_side_, Real(0));
    round_adjoint(task, a);
  }
}

template <class Real>
void FlowDerivative<Real>::step_adjoint(const FlowStepMark& mark, const Velocity<Real>& u,
                                        const FlowArrays<Real>& a, Controls<Real>& gradient) {
  const mesh::BoxGrid& grid = *impl_.grid;
  const StepCoefficients<Real> n = impl_.numbers(mark.dt_s, mark.dt_previous_s);
  impl_.boundaries.evaluate(mark.time_s + mark.dt_s);
  boundaries_.clear();
  boundaries_.fold_velocity(a.u);
  project_adjoint({mark.dt_s, impl_.params.forcing_iterations, true}, a);
  {
    const core::ScopedTimer region("explicit");
    weigh_rates(grid, n, a.u, a.rate, work_);
    impl_.halo.exchange(impl_.in_use(work_));
    impl_.halo.exchange(impl_.in_use(a.u), 1);
    collect_step(n, u, a, gradient);
    add_transposed_gradient(grid, -static_cast<double>(n.dt * n.inv_density), a.u, a.p);
    add_transposed_rates(grid, n, Real(impl_.params.rayleigh_friction_1_s), u, work_, a.u);
  }
  boundaries_.fold_balance();
  boundaries_.fold_convection(u, a.u, mark.dt_s);
  boundaries_.fold_given(slopes_.boundary_scale);
  // The increment before is read as the one before that is written, and as a guess, which does not count.
  if (a.increment_old.data()) {
    Kokkos::deep_copy(a.increment, a.increment_old);
    Kokkos::deep_copy(a.increment_old, Real(0));
  } else {
    Kokkos::deep_copy(a.increment, Real(0));
  }
  require_finite(a, mark);
}

template <class Real>
void FlowDerivative<Real>::end_adjoint(State& adjoint, Controls<Real>& gradient) {
  add_slopes(gradient);
  for (const auto& field : adjoint.fields())
    if (field.info.role != mesh::Role::fixed)
      clear_ghosts(*impl_.grid, field.info.location, field.component());
}

template <class Real>
void FlowDerivative<Real>::advance_adjoint(AdvanceTape<Real>& tape, State& adjoint,
                                           Controls<Real>& gradient) {
  FlowTape<Real>& taken = own(tape);
  const FlowArrays<Real> a = arrays(adjoint);
  begin_adjoint(adjoint);
  // Beyond sides of the box there are no rates: nothing may be left there.
  for (int c = 0; c < impl_.grid->dimension(); ++c) Kokkos::deep_copy(work_[c], Real(0));
  backward(taken, [&](const FlowStepMark& mark, const Velocity<Real>& u) {
    step_adjoint(mark, u, a, gradient);
  });
  impl_.boundaries.evaluate(taken.start().time_s);
  boundaries_.clear();
  boundaries_.fold_velocity(a.u);
  boundaries_.fold_load(a.u);
  boundaries_.fold_given(slopes_.boundary_scale);
  end_adjoint(adjoint, gradient);
}

template <class Real>
void FlowDerivative<Real>::constrain_adjoint(double time_s, State& adjoint,
                                             Controls<Real>& gradient) {
  const FlowArrays<Real> a = arrays(adjoint);
  begin_adjoint(adjoint);
  impl_.boundaries.evaluate(time_s);
  boundaries_.clear();
  boundaries_.fold_velocity(a.u);
  impl_.remove_mean_pressure(a.p);
  Kokkos::deep_copy(a.increment, Real(0));
  project_adjoint({1.0, impl_.constrain_rounds(), false}, a);
  boundaries_.fold_velocity(a.u);
  boundaries_.fold_balance();
  boundaries_.fold_reset(a.u);
  boundaries_.fold_given(slopes_.boundary_scale);
  end_adjoint(adjoint, gradient);
}

template class FlowDerivative<float>;
template class FlowDerivative<double>;

}  // namespace understudy::solvers::flow
