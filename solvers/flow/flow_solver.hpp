// Incompressible Navier-Stokes in 2-D and 3-D,
//
//     du/dt + div(u u) = -grad p / rho + div(2 (nu + nu_t) S) + g + f + b (c - c0) - lambda u,   div u = 0,
//
// on a staggered (MAC) uniform grid (Harlow & Welch 1965), second order in space and time
// but at outflow sides (first-order upwind, see boundaries.hpp):
//   - explicit second-order Adams-Bashforth with variable step for convection, diffusion and the
//     passive scalar (a Euler step where there is no history); the scalar's limited convection, which
//     keeps it bounded, goes by Heun's method (limited_scalar_kernels.hpp);
//   - one incremental pressure projection per step (van Kan 1986):
//         u* = u^n + dt [ (1 + r/2) H^n - (r/2) H^{n-1} - grad p^{n-1/2} / rho + g ], r = dt/dt_old
//         lap phi = div u* / dt,   u^{n+1} = u* - dt grad phi,   p^{n+1/2} = p^{n-1/2} + rho phi.
//     The scheme is explicit, so there is no splitting error: the pressure is that of the middle of
//     the step just taken, second order at t - dt/2; the stable step is found from the scheme's
//     amplification (time_step.hpp), with the deck's cfl as upper bound;
//   - a body force f by formula and linear drag lambda (external_force.hpp);
//   - the scalar's buoyancy b (c - c0) (buoyancy.hpp);
//   - a reaction of the scalar (reaction.hpp), which something else may compute: process `reaction`;
//   - bodies by direct forcing with interpolation along the surface's normal (Fadlun et al. 2000,
//     Balaras 2004): the matrix of the pressure equation stays constant;
//   - convection: `central`, energy conserving (Morinishi et al. 1998), or `upwind3`, third-order
//     upwind-biased; LES by Smagorinsky (1963) or WALE (Nicoud & Ducros 1999).
//
// Fields (extents of the grid, see mesh/grid.hpp): u, v, [w] m/s on faces; p Pa at cells; [scalar];
// history u_rate, v_rate, [w_rate], [scalar_rate], pressure_increment[_old]; fixed mask (1 fluid, 0
// body) where there are bodies. Scalars of the state: dt_previous_s, pressure_increments. Limits:
// uniform spacing per axis, bodies at rest, fully explicit (dt bound by h^2/nu).
// docs/numerics_flow.md has the details.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/linear_solver/linear_solver.hpp"
#include "solvers/differentiable_stepper.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/more_diagnostics.hpp"
#include "solvers/step_watch.hpp"
#include "solvers/stepper.hpp"

namespace understudy::solvers {

/// What the last step did, for tests and benchmarks.
struct FlowStepInfo {
  double dt_s = 0;
  mesh::SolveReport pressure;  ///< the last pressure solve
  /// Force on the bodies by the forcing's own sum over this rank's points (N; 2-D: N/m): the sum over
  /// the ranks is the force.
  std::array<double, 3> local_body_force_n{};
};

template <class Real>
class FlowSolver : public Stepper<Real>,
                   public StepWatch<Real>,
                   public Differentiated<Real>,
                   public MoreDiagnostics<Real> {
 public:
  /// `deck_directory`: where relative paths (STL, profiles) start. Collective. UserError when the
  /// parameters do not fit the grid.
  FlowSolver(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
             const std::string& deck_directory);
  ~FlowSolver() override;

  std::string name() const override { return "flow"; }
  std::shared_ptr<const mesh::Grid> grid() const override;
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  void constrain(mesh::State<Real>& state) override;
  std::vector<std::string> derived_names() const override;
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override;
  /// Forces on bodies by part, what goes through the sides, as the parameters ask for.
  std::vector<Diagnostic> more_diagnostics(const mesh::State<Real>& state) override;
  std::vector<PointProcess<Real>> point_processes() override;
  DifferentiableStepper<Real>* differentiable() override;

  /// The deck's initial state at time 0, divergence-free, with the pressure that belongs to it.
  void initialise(mesh::State<Real>& state);
  const FlowParams& params() const;
  const FlowStepInfo& last_step() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
  std::unique_ptr<DifferentiableStepper<Real>> derivative_;  ///< made when first asked for
};

extern template class FlowSolver<float>;
extern template class FlowSolver<double>;

}  // namespace understudy::solvers
