// Incompressible Navier-Stokes in 2-D and 3-D boxes that are periodic along every axis, by a pseudo-spectral
// method: the equations of flow_solver.hpp without what has sides, bodies, eddies or a scalar,
//
//     du/dt + div(u u) = -grad p / rho + nu lap u + g + f - lambda u,   div u = 0.
//
//   - Space: Fourier-Galerkin in the carried modes, products at the points of the cells' centres, dealiased by
//     the 2/3 rule (Orszag 1971), projected onto divergence-free velocities in Fourier space. Exponentially
//     accurate for smooth flows; without viscosity, force and drag kinetic energy is conserved but for the
//     time scheme.
//   - Time: the classical fourth-order scheme of Runge and Kutta with viscosity and drag by an integrating factor
//     (Rogallo 1981; spectral_motion.hpp): 16 real transforms a step in 2-D, 32 in 3-D. It is stable up to
//     dt sum_a |u_a| / h_a = 2.83 / (2 pi / 3) = 1.35; flow.cfl (at most 1) bounds that number, and
//     dt (nu k^2 + lambda) <= 2 in all carried modes keeps steadily fed modes right to 0.6 % at the worst.
//   - Forces: flow.force_m_s2 at the faces, as the finite volumes have it, at the times of the stages; its modes
//     are taken into account as those of the flow are.
//
// Fields: u, v, [w] m/s on faces and p Pa at cells, as FlowSolver's, so that either's state is the other's: the modes
// on the faces, shifted by half a cell exactly. p belongs to the state's own time. Every window begins from the fields
// alone, so that a restart is bitwise. Derived quantities are exact derivatives of the modes at the cells' centres.
//
// Limits: one rank, a build for the host (FFTW), uniform cells. No adjoint.
// docs/numerics_flow.md has the details.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/differentiable_stepper.hpp"
#include "solvers/finer_start.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/step_watch.hpp"
#include "solvers/stepper.hpp"

namespace understudy::solvers {

template <class Real>
class SpectralFlow : public Stepper<Real>,
                     public StepWatch<Real>,
                     public FinerStart<Real>,
                     public Differentiated<Real> {
 public:
  /// UserError when the parameters do not fit the grid, or ask for what the method does not serve.
  SpectralFlow(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid);
  ~SpectralFlow() override;

  std::string name() const override { return "flow, spectral"; }
  std::shared_ptr<const mesh::Grid> grid() const override;
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  /// Keeps the carried modes, takes off what is not divergence-free, and sets p.
  void constrain(mesh::State<Real>& state) override;
  std::vector<std::string> derived_names() const override;
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override;
  void start_from(const mesh::State<float>& finer, mesh::State<Real>& own) override;
  void start_from(const mesh::State<double>& finer, mesh::State<Real>& own) override;

  /// UserError: it has no adjoint.
  DifferentiableStepper<Real>* differentiable() override;

  /// The deck's initial state at time 0, constrained.
  void initialise(mesh::State<Real>& state);
  /// Of the last time step, s; 0 before.
  double last_dt_s() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

extern template class SpectralFlow<float>;
extern template class SpectralFlow<double>;

/// What of the deck the spectral method does not serve, as an error message that names the key; empty: it serves
/// the deck, on one rank of a host build.
std::string spectral_refusal(const FlowParams& params, int dimension);

}  // namespace understudy::solvers
