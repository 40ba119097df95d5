// What a FlowSolver holds. Private to solvers/flow.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/halo.hpp"
#include "solvers/flow/body_forcing.hpp"
#include "solvers/flow/boundaries.hpp"
#include "solvers/flow/flow_solver.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers {

template <class Real>
struct FlowSolver<Real>::Impl {
  using State = mesh::State<Real>;

  Impl(const FlowParams& params, std::shared_ptr<const mesh::Grid> grid,
       const std::string& deck_directory);

  FlowParams params;
  std::shared_ptr<const mesh::Grid> grid;
  flow::Bodies bodies;
  flow::BodyForcing<Real> forcing;
  flow::Boundaries<Real> boundaries;
  mesh::Halo<Real> halo;
  std::unique_ptr<mesh::LinearSolver<Real>> pressure;
  flow::Velocity<Real> u_star;
  mesh::Array3<Real> right_side, eddy, scalar_star;  ///< eddy, scalar_star: empty when unused
  FlowStepInfo info;
  bool warned = false;

  /// An iterative pressure solver starts from the last two increments, extrapolated.
  bool extrapolates() const { return pressure->name() != "fft" && params.forcing_iterations == 1; }
  void guess_increment(State& state, double dt_s);
  bool les() const { return params.les.model != "none"; }
  double les_constant() const;
  /// u, v, w of a state; views share the state's memory.
  flow::Velocity<Real> velocity(const State& state) const;
  flow::Velocity<Real> rates(const State& state) const;
  std::vector<mesh::Array3<Real>> in_use(const flow::Velocity<Real>& u) const;
  flow::StepNumbers<Real> numbers(double dt_s, double dt_previous_s) const;

  /// Halo and boundary ghosts of the prognostic fields; writes ghosts and boundary faces only.
  void fill_ghosts(const State& state);
  /// As fill_ghosts, for a state of unknown origin: boundary values at its time, its outflow faces
  /// kept.
  void refresh_ghosts(const State& state);
  void update_eddy_viscosity(const State& state);
  double time_step_limit(const State& state);
  void step(State& state, double dt_s);
  /// One step, or three smaller ones where there is no history; returns how many.
  int step_or_start(State& state, double dt_s);
  /// Solves for phi and makes u_star divergence-free into `u`, with `forcing_iterations` rounds.
  void project(double dt_s, int rounds, const mesh::Array3<Real>& phi,
               const flow::Velocity<Real>& u_from, const flow::Velocity<Real>& u_to,
               const mesh::Array3<Real>& p);
  void solve_pressure(const mesh::Array3<Real>& phi);
  /// p from the state's velocity alone: that of the first Euler step from it.
  void find_pressure(State& state);
};

/// Names that cannot be checked before the grid is known: components, LES and axes in 2-D...
/// UserError.
void check_flow_params(const FlowParams& params, const mesh::Grid& grid);

}  // namespace understudy::solvers
