// The discrete derivative of an AcousticSolver: docs/numerics_seismic.md, "The adjoint". Forward and transposed
// steps are those of the inversion (AcousticShots), begun with derivatives with respect to a State's values
// instead of a misfit's with respect to traces. Private to solvers/seismic/acoustic.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "solvers/seismic/acoustic/acoustic_tape.hpp"

namespace understudy::solvers::seismic {

template <class Real>
class AcousticDerivative : public DifferentiableStepper<Real> {
 public:
  using State = mesh::State<Real>;

  explicit AcousticDerivative(AcousticSolver<Real>& solver) : solver_(solver), op_(solver.op_) {}

  /// speed: a field, of each cell of the padded grid, the density staying what it is; source_scale: a number.
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

 private:
  using Tape = AcousticTape<Real>;
  /// Step n of the tape and its kept field, last step first.
  using Back = std::function<void(long long n, const Real* kept)>;

  void require_given(const State& adjoint) const;
  void require_finite(const WaveFields<Real>& fields, const Tape& tape, long long n) const;
  void backward(Tape& tape, const Back& back) const;

  AcousticSolver<Real>& solver_;
  std::shared_ptr<AcousticOperator<Real>> op_;
};

}  // namespace understudy::solvers::seismic
