// Tapes, controls, and the refusal of what cannot be differentiated.
#include "solvers/flow/flow_derivative.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"

namespace understudy::solvers {

namespace flow {

namespace {

/// What the derivative's pressure equation is solved to where the solver is iterative.
template <class Real>
constexpr double tight_tolerance = std::is_same_v<Real, double> ? 1e-11 : 1e-6;
constexpr int more_iterations = 3;  ///< than the flow's own, as the tolerance is tighter

template <class Real>
void set_zero(std::vector<mesh::Field<Real>>& fields) {
  for (auto& field : fields) Kokkos::deep_copy(field.data, Real(0));
}

}  // namespace

void require_differentiable(const FlowParams& params) {
  if (params.scalar.enabled)
    throw core::UserError(
        "flow.scalar.enabled: a flow that carries a scalar cannot be differentiated; leave the scalar "
        "out");
  if (params.les.model != "none")
    throw core::UserError(core::format(
        "flow.les.model: a flow with the eddy viscosity '{}' cannot be differentiated; use none",
        params.les.model));
}

template <class Real>
FlowDerivative<Real>::FlowDerivative(FlowSolver<Real>& solver,
                                     typename FlowSolver<Real>::Impl& impl)
    : solver_(solver),
      impl_(impl),
      boundaries_(impl.boundaries, impl.grid),
      forcing_(impl.forcing, *impl.grid),
      halo_(impl.grid),
      right_side_(impl.right_side),
      potential_(scratch("potential of the derivative")) {
  for (int axis = 0; axis < impl_.grid->dimension(); ++axis)
    work_[axis] = scratch("derivative of rates");
  if (impl_.pressure->name() == "fft") return;
  mesh::LinearSolverParams tight = impl_.params.pressure;
  tight.tolerance = std::min(tight.tolerance, tight_tolerance<Real>);
  tight.max_iterations *= more_iterations;
  pressure_ = make_pressure_solver<Real>(tight, impl_.grid);
}

template <class Real>
mesh::Array3<Real> FlowDerivative<Real>::scratch(const char* name) const {
  const mesh::BoxGrid& grid = *impl_.grid;
  return mesh::Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0));
}

template <class Real>
std::vector<ControlInfo> FlowDerivative<Real>::controls() const {
  const int dimension = impl_.grid->dimension();
  return {
      {"viscosity", "m2/s", "kinematic viscosity", 1, 0},
      {"boundary_scale", "1",
       "change of a factor, 1, on the velocity given on each side (x_lower, x_upper, y_lower...): of an "
       "inflow's speed",
       6, 0},
      {"acceleration", "m/s2", "uniform body force per mass", dimension, 0},
      {"force", "m/s2", "body force per mass at each component's faces", 0, dimension}};
}

template <class Real>
Controls<Real> FlowDerivative<Real>::make_controls(const std::vector<std::string>& fields) const {
  const mesh::BoxGrid& grid = *impl_.grid;
  Controls<Real> made;
  for (const ControlInfo& info : controls()) {
    if (info.numbers > 0)
      made.numbers[info.name].assign(info.numbers, 0.0);
    else if (std::find(fields.begin(), fields.end(), info.name) != fields.end())
      made.fields[info.name] = mesh::Array4<Real>(info.name, info.components, grid.extent(2),
                                                  grid.extent(1), grid.extent(0));
  }
  for (const std::string& name : fields)
    if (!made.fields.contains(name))
      throw std::out_of_range("the flow has no control field '" + name + "'; it has force");
  return made;
}

template <class Real>
mesh::State<Real> FlowDerivative<Real>::make_adjoint() const {
  State adjoint(impl_.grid, solver_.fields());
  set_zero(adjoint.fields());
  return adjoint;
}

template <class Real>
std::unique_ptr<AdvanceTape<Real>> FlowDerivative<Real>::make_tape(double memory_limit_mb,
                                                                   const std::string& key) const {
  return std::make_unique<FlowTape<Real>>(impl_.grid, solver_.fields(), 1e6 * memory_limit_mb, key);
}

template <class Real>
FlowTape<Real>& FlowDerivative<Real>::own(AdvanceTape<Real>& tape) const {
  return dynamic_cast<FlowTape<Real>&>(tape);
}

template <class Real>
FlowArrays<Real> FlowDerivative<Real>::arrays(const State& state) const {
  return {impl_.velocity(state), impl_.rates(state), state["p"].component(),
          state["pressure_increment"].component(),
          state.has("pressure_increment_old") ? state["pressure_increment_old"].component()
                                              : mesh::Array3<Real>{}};
}

template <class Real>
AdvanceReport FlowDerivative<Real>::advance_recorded(State& state, double duration_s,
                                                     AdvanceTape<Real>& tape) {
  struct Recording {
    FlowTape<Real>*& into;
    ~Recording() { into = nullptr; }
  };
  const Recording recording{impl_.tape};
  impl_.tape = &own(tape);
  impl_.tape->begin(state);
  return solver_.advance(state, duration_s);
}

template <class Real>
void FlowDerivative<Real>::rewind(const FlowTape<Real>& tape) {
  if (!present_) present_ = std::make_unique<State>(make_adjoint());
  present_->copy_from(tape.start());
  impl_.refresh_ghosts(*present_);
}

template <class Real>
void FlowDerivative<Real>::replay(FlowTape<Real>& tape, int begin, int end, bool keep) {
  for (int n = begin; n < end; ++n) {
    if (keep) tape.put(n - begin, impl_.velocity(*present_));
    impl_.step(*present_, tape.mark(n).dt_s);
  }
  tape.count_recomputed(end - begin);
}

template <class Real>
void FlowDerivative<Real>::backward(FlowTape<Real>& tape, const Step& step) {
  if (tape.whole()) {
    for (int n = static_cast<int>(tape.steps()) - 1; n >= 0; --n) step(tape.mark(n), tape.kept(n));
    return;
  }
  const StepSchedule schedule = tape.schedule();
  StepSchedule::Actions actions;
  actions.advance = [&](int begin, int end, bool keep) { replay(tape, begin, end, keep); };
  actions.store = [&](int slot) {
    while (static_cast<int>(stored_.size()) <= slot)
      stored_.push_back(std::make_unique<State>(make_adjoint()));
    stored_[slot]->copy_from(*present_);
  };
  actions.restore = [&](int slot) {
    if (slot < 0)
      rewind(tape);
    else
      present_->copy_from(*stored_[slot]);
  };
  actions.turn = [] {};
  actions.reverse = [&](int begin, int end) {
    for (int n = end - 1; n >= begin; --n) step(tape.mark(n), tape.kept(n - begin));
  };
  rewind(tape);
  schedule.run(actions);
  stored_.clear();
}

template <class Real>
void FlowDerivative<Real>::solve(const mesh::Array3<Real>& right_side,
                                 const mesh::Array3<Real>& x) {
  const core::ScopedTimer region("pressure");
  if (!pressure_) {
    impl_.pressure->solve(right_side, x);
    return;
  }
  Kokkos::deep_copy(x, Real(0));
  const mesh::SolveReport report = pressure_->solve(right_side, x);
  const bool at_floor = std::is_same_v<Real, float> && report.residual <= largest_floor_of_single;
  if (!report.converged && !at_floor)
    throw core::RunError(core::format(
        "pressure solver '{}' did not converge for the derivative: relative residual {:.3g} after {} "
        "iterations; raise flow.pressure.max_iterations or choose another flow.pressure.method",
        pressure_->name(), report.residual, report.iterations));
}

template class FlowDerivative<float>;
template class FlowDerivative<double>;

}  // namespace flow

template <class Real>
DifferentiableStepper<Real>* FlowSolver<Real>::differentiable() {
  flow::require_differentiable(impl_->params);
  if (!derivative_) derivative_ = std::make_unique<flow::FlowDerivative<Real>>(*this, *impl_);
  return derivative_.get();
}

template DifferentiableStepper<float>* FlowSolver<float>::differentiable();
template DifferentiableStepper<double>* FlowSolver<double>::differentiable();

}  // namespace understudy::solvers
