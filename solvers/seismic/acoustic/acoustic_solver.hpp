// Acoustic waves as a Stepper, one shot at a time: the operator of acoustic_operator.hpp on a State, with
// the source and the receivers of an AcousticShots of one shot. For runs with outputs, checkpoints and
// contracts; inversions use AcousticShots alone, which keeps no State.
// It can be differentiated (acoustic_derivative.hpp).
//
// State: pressure (Pa) at its time, and as the scheme's memory the pressure one step earlier and the
// layers' variables, 0 outside the layers. The time step is fixed by the setup; an advance must be a multiple of it.
#pragma once

#include <memory>
#include <vector>

#include "solvers/differentiable_stepper.hpp"
#include "solvers/seismic/acoustic/acoustic_shots.hpp"
#include "solvers/seismic/wave_stepper.hpp"

namespace understudy::solvers::seismic {

template <class Real>
class AcousticTape;
template <class Real>
class AcousticDerivative;

template <class Real>
class AcousticSolver final : public WaveStepper<Real>, public Differentiated<Real> {
 public:
  /// Speed and density on the box [k, j, i]; density empty where it is constant. Collective over `comm`.
  AcousticSolver(const AcousticSetup& setup, std::span<const double> speed_m_s,
                 std::span<const double> density, const core::Comm& comm);
  ~AcousticSolver() override;

  std::string name() const override { return "seismic_acoustic"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return op_->grid().padded; }
  const WaveGrid& wave_grid() const override { return op_->grid(); }
  const AbsorbingParams& absorbing() const override { return op_->setup().absorbing; }
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>&) override { return op_->setup().dt_s; }
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  /// seismic.energy: the leapfrog's conserved sum (1/2) |(p_n - p_{n-1}) / dt|^2 / c^2 - (1/2) <p_n, L
  /// p_{n-1}> times the cell volume, L the discrete Laplacian; constant to round-off in a closed box.
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  /// AcousticOperator::kinetic_energy.
  double kinetic_energy(const mesh::State<Real>& state) const override;
  void constrain(mesh::State<Real>& state) override;

  void begin_shot(const Shot& shot, mesh::State<Real>& state) override;
  void resume_shot(const Shot& shot) override;
  std::vector<Traces> traces() override;

  /// Of advance() and constrain(), with whatever parameters; traces are no part of it.
  DifferentiableStepper<Real>* differentiable() override;

 private:
  friend class AcousticDerivative<Real>;

  WaveFields<Real> of(mesh::State<Real>& state) const;
  void put_back(const WaveFields<Real>& fields, mesh::State<Real>& state) const;
  /// `tape`: null where nothing is recorded.
  AdvanceReport advance(mesh::State<Real>& state, double duration_s, AcousticTape<Real>* tape);

  std::shared_ptr<AcousticOperator<Real>> op_;
  std::shared_ptr<AcousticShots<Real>> shot_;  ///< null before the first
  std::unique_ptr<DifferentiableStepper<Real>> derivative_;
};

extern template class AcousticSolver<float>;
extern template class AcousticSolver<double>;

}  // namespace understudy::solvers::seismic
