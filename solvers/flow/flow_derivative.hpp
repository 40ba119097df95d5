// The discrete derivative of a FlowSolver: docs/numerics_flow.md, "Adjoint", says what is differentiated and what
// is frozen. Every operation of a step is linear but convection and the outflow's bulk speed, whose derivatives
// need the velocity that the step began with. flow_adjoint.cpp has the transpose of a step, flow_tangent.cpp its
// first variation, flow_force_gradient.cpp the derivative of forces, flow_derivative.cpp tapes and controls. Private to solvers/flow.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mesh/halo_transpose.hpp"
#include "solvers/diagnostic_gradient.hpp"
#include "solvers/flow/adjoint_sweeps.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/flow_tape.hpp"
#include "solvers/flow/linear_boundaries.hpp"
#include "solvers/flow/transposed_forcing.hpp"

namespace understudy::solvers::flow {

/// The arrays of a state of derivatives or changes; views share the state's memory.
template <class Real>
struct FlowArrays {
  Velocity<Real> u, rate;
  mesh::Array3<Real> p, increment,
      increment_old;  ///< increment_old: empty where the state has none
};

/// This rank's parts of sums that become derivatives with respect to numbers.
struct NumberSlopes {
  double viscosity = 0;
  std::array<double, 3> acceleration{};
  std::vector<double> boundary_scale = std::vector<double>(6, 0.0);
};

/// UserError naming the key of what cannot be differentiated.
void require_differentiable(const FlowParams& params);

template <class Real>
class FlowDerivative : public DifferentiableStepper<Real>, public DiagnosticGradient<Real> {
 public:
  using State = mesh::State<Real>;

  explicit FlowDerivative(FlowSolver<Real>& solver, typename FlowSolver<Real>::Impl& impl);

  std::vector<ControlInfo> controls() const override;
  Controls<Real> make_controls(const std::vector<std::string>& fields) const override;
  State make_adjoint() const override;
  std::unique_ptr<AdvanceTape<Real>> make_tape(double memory_limit_mb,
                                               const std::string& key) const override;
  AdvanceReport advance_recorded(State& state, double duration_s, AdvanceTape<Real>& tape) override;
  void advance_adjoint(AdvanceTape<Real>& tape, State& adjoint, Controls<Real>& gradient) override;
  void advance_tangent(AdvanceTape<Real>& tape, State& tangent,
                       const Controls<Real>& change) override;
  void constrain_adjoint(double time_s, State& adjoint, Controls<Real>& gradient) override;
  void constrain_tangent(double time_s, State& tangent, const Controls<Real>& change) override;
  /// Drag, lift and side coefficients of bodies (flow_force_gradient.cpp).
  std::vector<std::string> differentiable_diagnostics() const override;
  void add_gradient(const std::string& diagnostic, const State& state, double weight,
                    State& adjoint, Controls<Real>& gradient) override;

 private:
  /// A projection, or its transpose: see flow::Projection.
  struct Rounds {
    double dt_s;
    int count;
    bool with_pressure;
  };
  FlowArrays<Real> arrays(const State& state) const;
  FlowTape<Real>& own(AdvanceTape<Real>& tape) const;
  mesh::Array3<Real> scratch(const char* name) const;
  /// The state of a tape's beginning, as advance() sees it before its first step.
  void rewind(const FlowTape<Real>& tape);
  void replay(FlowTape<Real>& tape, int begin, int end, bool keep);
  /// The velocity with which each step began, last step first.
  using Step = std::function<void(const FlowStepMark& mark, const Velocity<Real>& u)>;
  void backward(FlowTape<Real>& tape, const Step& step);
  void solve(const mesh::Array3<Real>& right_side, const mesh::Array3<Real>& x);

  // flow_adjoint.cpp
  void begin_adjoint(const State& adjoint);
  void end_adjoint(State& adjoint, Controls<Real>& gradient);
  void step_adjoint(const FlowStepMark& mark, const Velocity<Real>& u, const FlowArrays<Real>& a,
                    Controls<Real>& gradient);
  void project_adjoint(const Rounds& task, const FlowArrays<Real>& a);
  void round_adjoint(const Rounds& task, const FlowArrays<Real>& a);
  void impose_adjoint(const Velocity<Real>& a);
  void collect_step(const StepCoefficients<Real>& n, const Velocity<Real>& u,
                    const FlowArrays<Real>& a, Controls<Real>& gradient);
  void add_slopes(Controls<Real>& gradient);
  void require_finite(const FlowArrays<Real>& a, const FlowStepMark& mark) const;

  // flow_tangent.cpp
  StepChanges<Real> changes(const Controls<Real>& change) const;
  void change_given(const Controls<Real>& change);
  void step_tangent(const FlowStepMark& mark, const Velocity<Real>& u, const FlowArrays<Real>& d,
                    const Controls<Real>& change);
  void project_tangent(const Rounds& task, const FlowArrays<Real>& d, const Velocity<Real>& from);
  void fill_tangent(const FlowArrays<Real>& d);

  FlowSolver<Real>& solver_;
  typename FlowSolver<Real>::Impl& impl_;
  LinearBoundaries<Real> boundaries_;
  TransposedForcing<Real> forcing_;
  mesh::HaloTranspose<Real> halo_;
  std::unique_ptr<mesh::LinearSolver<Real>> pressure_;  ///< null: the solver's own, which is exact
  Velocity<Real> work_;                                 ///< derivatives of rates, or u*
  mesh::Array3<Real> right_side_, potential_;
  std::unique_ptr<State> present_;              ///< of steps that are computed again
  std::vector<std::unique_ptr<State>> stored_;  ///< snapshots
  NumberSlopes slopes_;
};

}  // namespace understudy::solvers::flow
