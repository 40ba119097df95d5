// The first variation of a step and of a projection: the forward operations but where they are not linear.
#include "core/timers.hpp"
#include "solvers/flow/flow_derivative.hpp"

namespace understudy::solvers::flow {

template <class Real>
StepChanges<Real> FlowDerivative<Real>::changes(const Controls<Real>& change) const {
  StepChanges<Real> changes;
  const auto viscosity = change.numbers.find("viscosity"),
             acceleration = change.numbers.find("acceleration");
  const auto force = change.fields.find("force");
  if (viscosity != change.numbers.end()) changes.viscosity = Real(viscosity->second.at(0));
  for (int c = 0; c < impl_.grid->dimension(); ++c) {
    if (acceleration != change.numbers.end())
      changes.acceleration[c] = Real(acceleration->second.at(c));
    if (force != change.fields.end())
      changes.force[c] = Kokkos::subview(force->second, c, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
  }
  return changes;
}

template <class Real>
void FlowDerivative<Real>::change_given(const Controls<Real>& change) {
  const auto scale = change.numbers.find("boundary_scale");
  boundaries_.change_given(scale != change.numbers.end() ? scale->second
                                                         : std::vector<double>(6, 0.0));
}

template <class Real>
void FlowDerivative<Real>::fill_tangent(const FlowArrays<Real>& d) {
  auto fields = impl_.in_use(d.u);
  fields.push_back(d.p);
  impl_.halo.exchange(fields);
  boundaries_.fill_velocity(d.u);
  impl_.boundaries.fill({}, d.p, {});
}

template <class Real>
void FlowDerivative<Real>::project_tangent(const Rounds& task, const FlowArrays<Real>& d,
                                           const Velocity<Real>& from) {
  const mesh::BoxGrid& grid = *impl_.grid;
  const bool bodies = !impl_.forcing.empty();
  const mesh::Array3<Real> p = task.with_pressure ? d.p : mesh::Array3<Real>{};
  for (int round = 1; round <= task.count; ++round) {
    boundaries_.set_normal(from);
    if (bodies) {
      impl_.halo.exchange(impl_.in_use(from));
      if (impl_.bodies.near_sides()) boundaries_.fill_velocity(from);
      impl_.forcing.apply_to_change(from);
    }
    impl_.halo.exchange(impl_.in_use(from), 1);
    pressure_right_side(grid, task.dt_s, from, right_side_);
    if (bodies) impl_.forcing.level_buried(right_side_);
    solve(right_side_, d.increment);
    const double level = impl_.level_of_fluid(d.increment);
    correct(grid, {task.dt_s, impl_.params.density_kg_m3, d.increment, level}, from,
            round == task.count ? d.u : from, p);
  }
  if (bodies && task.with_pressure) impl_.forcing.clear_buried(d.p);
}

template <class Real>
void FlowDerivative<Real>::step_tangent(const FlowStepMark& mark, const Velocity<Real>& u,
                                        const FlowArrays<Real>& d, const Controls<Real>& change) {
  const StepCoefficients<Real> n = impl_.numbers(mark.dt_s, mark.dt_previous_s);
  impl_.boundaries.evaluate(mark.time_s + mark.dt_s);
  change_given(change);
  boundaries_.convect_outflow(u, d.u, mark.dt_s);
  boundaries_.balance();
  predict_change(*impl_.grid, n, Real(impl_.params.rayleigh_friction_1_s), changes(change), u, d.u,
                 d.p, d.rate, work_);
  if (d.increment_old.data()) Kokkos::deep_copy(d.increment_old, d.increment);
  project_tangent({mark.dt_s, impl_.params.forcing_iterations, true}, d, work_);
  fill_tangent(d);
}

template <class Real>
void FlowDerivative<Real>::advance_tangent(AdvanceTape<Real>& tape, State& tangent,
                                           const Controls<Real>& change) {
  FlowTape<Real>& taken = own(tape);
  const FlowArrays<Real> d = arrays(tangent);
  impl_.boundaries.evaluate(taken.start().time_s);
  change_given(change);
  boundaries_.load_outflow(d.u, impl_.halo);
  fill_tangent(d);
  if (!taken.whole()) rewind(taken);
  for (int n = 0; n < taken.steps(); ++n) {
    if (taken.whole()) {
      step_tangent(taken.mark(n), taken.kept(n), d, change);
    } else {
      step_tangent(taken.mark(n), impl_.velocity(*present_), d, change);
      replay(taken, n, n + 1, false);
    }
  }
}

template <class Real>
void FlowDerivative<Real>::constrain_tangent(double time_s, State& tangent,
                                             const Controls<Real>& change) {
  const FlowArrays<Real> d = arrays(tangent);
  impl_.boundaries.evaluate(time_s);
  change_given(change);
  impl_.halo.exchange(impl_.in_use(d.u));
  boundaries_.reset_outflow(d.u);
  boundaries_.balance();
  fill_tangent(d);
  project_tangent({1.0, impl_.constrain_rounds(), false}, d, d.u);
  Kokkos::deep_copy(d.increment, Real(0));
  impl_.remove_mean_pressure(d.p);
  fill_tangent(d);
}

template class FlowDerivative<float>;
template class FlowDerivative<double>;

}  // namespace understudy::solvers::flow
