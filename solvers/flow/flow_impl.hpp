// What a FlowSolver holds. Private to solvers/flow.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "solvers/flow/body_forcing.hpp"
#include "solvers/flow/body_scalar.hpp"
#include "solvers/flow/boundaries.hpp"
#include "solvers/flow/buoyancy.hpp"
#include "solvers/flow/derived.hpp"
#include "solvers/flow/external_force.hpp"
#include "solvers/flow/flow_solver.hpp"
#include "solvers/flow/reaction.hpp"
#include "solvers/flow/surface_loads.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers {

namespace flow {
/// One projection: `from` is made divergence-free into `to` in `rounds` of body forcing and pressure
/// solve; the increment is added to `p` unless that is empty.
template <class Real>
struct Projection {
  double dt_s;
  int rounds;
  Velocity<Real> from, to;
  mesh::Array3<Real> p;
  bool of_step = false;  ///< what the forcing changes is the step's
};

/// Largest relative residual at which a solve in single precision may stop for round-off: that of a solution
/// made of two numbers (mesh/linear_solver/multigrid_refinement.hpp), some 30 times a double's.
inline constexpr double largest_floor_of_single = 1e-8;

template <class Real>
class FlowTape;  // flow_tape.hpp

/// The solver of the pressure equation, as the params say. UserError where it does not fit the grid.
template <class Real>
std::unique_ptr<mesh::LinearSolver<Real>> make_pressure_solver(
    const mesh::LinearSolverParams& pressure, std::shared_ptr<const mesh::BoxGrid> grid);
}  // namespace flow

template <class Real>
struct FlowSolver<Real>::Impl {
  using State = mesh::State<Real>;

  Impl(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
       const std::string& deck_directory);

  FlowParams params;
  std::shared_ptr<const mesh::BoxGrid> grid;
  flow::Bodies bodies;
  flow::BodyForcing<Real> forcing;
  flow::BodyScalar<Real> body_scalar;
  flow::Boundaries<Real> boundaries;
  flow::ExternalForce<Real> external;
  flow::Buoyancy buoyancy;
  flow::Reaction<Real> reaction;
  mesh::Halo<Real> halo;
  std::unique_ptr<mesh::LinearSolver<Real>> pressure;
  flow::Velocity<Real> u_star;
  mesh::Array3<Real> right_side, eddy, scalar_star;  ///< eddy, scalar_star: empty when unused
  mesh::Array3<Real> scalar_source;  ///< of a limited scalar that reacts, else empty
  double scalar_diffusion_1_s =
      0;  ///< sum of diffusivity / h^2 over a cell's faces, an upper bound
  std::unique_ptr<flow::SurfaceLoads<Real>> surface;  ///< made when first asked for
  FlowStepInfo info;
  bool warned = false;
  flow::FlowTape<Real>* tape = nullptr;  ///< steps are kept there

  /// An iterative pressure solver starts from the last two increments, extrapolated.
  bool extrapolates() const { return pressure->name() != "fft" && params.forcing_iterations == 1; }
  void guess_increment(State& state, double dt_s);
  bool les() const { return params.les.model != "none"; }
  double les_constant() const;
  /// u, v, w of a state; views share the state's memory.
  flow::Velocity<Real> velocity(const State& state) const;
  flow::Velocity<Real> rates(const State& state) const;
  std::vector<mesh::Array3<Real>> in_use(const flow::Velocity<Real>& u) const;
  flow::StepCoefficients<Real> numbers(double dt_s, double dt_previous_s) const;

  /// Halo and boundary ghosts of the prognostic fields; writes ghosts and boundary faces only.
  void fill_ghosts(const State& state);
  /// As fill_ghosts, for a state of unknown origin: boundary values at its time, its outflow faces
  /// kept.
  void refresh_ghosts(const State& state);
  flow::ScalarStep<Real> scalar_task(const State& state) const;
  void step_scalar(State& state, const flow::StepCoefficients<Real>& n);
  /// The limited scheme's stages: with the velocity before the projection's step and after it.
  void first_scalar_stage(State& state, const flow::StepCoefficients<Real>& n);
  void second_scalar_stage(State& state, const flow::StepCoefficients<Real>& n);
  void limited_stage(State& state, const flow::StepCoefficients<Real>& n, bool second);
  /// The scalar in the bodies' cells beside the fluid. Writes the interior. Collective.
  void impose_scalar(const State& state);
  /// Integral of (div u)^2 over the cells that are not buried in bodies. Collective.
  double divergence_squared_of_fluid(const flow::Velocity<Real>& u);
  void add_forces(const State& state, std::vector<Diagnostic>& list);
  /// The body force at the state's time, the scalar's buoyancy included; empty without either.
  flow::Velocity<Real> push(const State& state);
  /// Adds both to the rates and to u*.
  void add_push(const State& state, const flow::StepCoefficients<Real>& n, double middle_s);
  /// Through sides that give the scalar's value.
  void add_scalar_fluxes(const State& state, std::vector<Diagnostic>& list);
  /// Of a force's coefficient (1/N; 2-D: m/N).
  double force_scale() const;
  /// Pressure and friction, moments, y+ on bodies.
  void add_force_parts(const State& state, std::vector<Diagnostic>& list);
  /// What goes through the sides, pushes there and is lost within.
  void add_balance(const State& state, std::vector<Diagnostic>& list);
  /// What feeds and takes kinetic energy in a periodic box: viscosity, forces, drag.
  void add_energy_budget(const State& state, const flow::FlowIntegrals& sums,
                         std::vector<Diagnostic>& list);
  void update_eddy_viscosity(const State& state);
  /// Largest stable time step (s). Ghosts of the velocity are valid. Collective.
  double time_step_limit(const State& state);
  void step(State& state, double dt_s);
  /// The first three steps without history, which make up dt_s, or as many of them as are stable.
  /// Returns how many; `taken_s` is their sum.
  int start(State& state, double dt_s, double& taken_s);
  /// Rounds of a projection from outside: imposing bodies and projecting disturb each other.
  int constrain_rounds() const {
    return forcing.empty() ? 1 : std::max(3, params.forcing_iterations);
  }
  /// Mean of the increment over the cells that are not buried in bodies, and their number. Collective.
  double level_of_fluid(const mesh::Array3<Real>& phi) const;
  double fluid_cells() const;
  /// Takes from p its mean over the fluid; zero where it is buried. Collective.
  void remove_mean_pressure(const mesh::Array3<Real>& p) const;
  /// Leaves the increment in state["pressure_increment"].
  void project(State& state, const flow::Projection<Real>& task);
  /// RunError when the solver does not converge; names field, cell and step when what it was given
  /// is not finite.
  void solve_pressure(State& state);
  /// What the forcing gave in the last step, for `info`: the step itself does not wait for it.
  void read_body_force();
  bool at_round_off() const;
  void name_what_is_not_finite(State& state);
  /// p from the state's velocity alone: that of the first Euler step from it.
  void find_pressure(State& state);
};

/// Names that cannot be checked before the grid is known: components, LES and axes in 2-D...
/// UserError.
void check_flow_params(const FlowParams& params, const mesh::BoxGrid& grid);

}  // namespace understudy::solvers
