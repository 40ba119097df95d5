// What a deck's `flow:` section holds. Every key, default, bound, unit and help text is written
// once, in the describe() members (flow_params.cpp). Checks that need the grid's dimension or the
// body's place are made when a FlowSolver is constructed (flow_checks.cpp); all failures are
// core::UserError.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/geometry/geometry.hpp"
#include "mesh/grid.hpp"
#include "mesh/linear_solver/linear_solver_params.hpp"

namespace understudy::solvers {

/// One side of the box.
struct FlowBoundaryParams {
  std::string kind = "slip";  ///< periodic, wall, inflow, outflow, slip
  /// wall, inflow: one formula of x, y, z (m), t (s) per component; empty: at rest.
  std::vector<std::string> velocity_m_s;
  /// inflow: uniform | expression | parabolic (velocity_m_s is that of the centre line) | file.
  std::string profile = "expression";
  std::string
      file;  ///< CSV for `profile: file`: coordinate (m) along the side, then the components
  std::string scalar;  ///< scalar's value on this side, a formula; empty: no diffusive flux
  void describe(core::ParamVisitor& v);
};

struct FlowBoundariesParams {
  std::array<FlowBoundaryParams, 6> side;  ///< by mesh::Side; the z sides count in 3-D only
  void describe(core::ParamVisitor& v);
};

/// A random divergence-free velocity of a given spectrum (random_velocity.hpp); 2-D periodic boxes.
struct FlowRandomParams {
  std::string spectrum = "none";    ///< none, peak, mcwilliams, matern
  double rms_m_s = 0;               ///< root mean square of |u|; 0: matern's own
  double peak_wave_number_1_m = 0;  ///< rad/m, where the energy is largest (peak, mcwilliams)
  double matern_scale = 0, matern_wave_number_1_m = 0, matern_exponent = 2.5;
  void describe(core::ParamVisitor& v);
};

struct FlowInitialParams {
  std::vector<std::string> velocity_m_s;  ///< formulas; empty: at rest
  std::string scalar = "0";               ///< formula
  double noise_m_s = 0;                   ///< amplitude of a random disturbance of each component
  long long noise_seed = 1;               ///< of the disturbance and of `random`
  FlowRandomParams random;                ///< added to the formulas
  void describe(core::ParamVisitor& v);
};

struct FlowLesParams {
  std::string model = "none";      ///< none, smagorinsky, wale
  double constant = 0;             ///< 0: the model's own (Smagorinsky 0.17, WALE 0.5)
  double turbulent_schmidt = 0.7;  ///< eddy viscosity over the scalar's eddy diffusivity
  void describe(core::ParamVisitor& v);
};

/// The scalar's source (reaction.hpp).
struct FlowReactionParams {
  std::string growth = "none";  ///< none, logistic, bistable
  double growth_1_s = 0;        ///< rate of the growth
  double threshold = 0;         ///< bistable: the value from which on the scalar grows, in (0, 1)
  double decay_1_s = 0;         ///< first-order decay
  void describe(core::ParamVisitor& v);
  bool enabled() const { return growth != "none" || decay_1_s > 0; }
};

/// The reaction's name as a process of the solver (solvers/point_process.hpp).
inline constexpr const char* reaction_process = "reaction";

struct FlowScalarParams {
  bool enabled = false;
  double diffusivity_m2_s = 1e-3;
  std::string convection = "limited";   ///< limited, central, upwind3
  std::string at_bodies = "insulated";  ///< insulated, fixed
  double body_value = 0;                ///< at_bodies: fixed
  std::vector<double> buoyancy_m_s2;    ///< push per mass for a unit of the scalar; empty: passive
  double buoyancy_from = 0;             ///< the scalar's value that is not pushed
  FlowReactionParams reaction;
  void describe(core::ParamVisitor& v);
  bool limited() const { return enabled && convection == "limited"; }
};

struct FlowProbeParams {
  std::string name;  ///< unlike all others; empty: given by FlowParams::describe
  std::vector<double> point_m{0, 0};
  void describe(core::ParamVisitor& v);
};

struct FlowLineParams {
  std::string name;  ///< as a probe's
  std::vector<double> from_m{0, 0}, to_m{1, 0};
  int points = 65;
  void describe(core::ParamVisitor& v);
};

/// What is said of the bodies' surfaces (surface_loads.hpp).
struct FlowSurfaceParams {
  bool forces = true;                  ///< the force's parts and the moment among the diagnostics
  std::vector<double> moment_point_m;  ///< of the moments; empty: the origin
  bool files = false;                  ///< pressure and friction along the surfaces at every output
  std::vector<double> reference_point_m;  ///< whose pressure counts as zero; empty: see the help
  void describe(core::ParamVisitor& v);
};

struct FlowParams {
  double reynolds = 0;        ///< speed x length / viscosity; 0: viscosity_m2_s is given instead
  double viscosity_m2_s = 0;  ///< kinematic; 0: from reynolds
  double density_kg_m3 = 1;
  double reference_speed_m_s = 1, reference_length_m = 1;
  double reference_area_m2 =
      0;  ///< of the force coefficients; 0: length (2-D, per m), length^2 (3-D)
  std::vector<double> acceleration_m_s2;  ///< uniform body force per mass; empty: none
  std::vector<std::string> force_m_s2;    ///< body force per mass by formulas; empty: none
  double rayleigh_friction_1_s = 0;       ///< linear drag, -drag u

  std::string discretisation = "finite_volume";  ///< finite_volume, spectral (spectral_flow.hpp)
  std::string convection = "central";            ///< central, upwind3
  double cfl = 0.5;                              ///< upper bound of dt sum_a |u_a|/h_a
  double max_dt_s = 0;                           ///< upper bound of the time step; 0: none
  int forcing_iterations = 1;                    ///< body forcing and projection per step

  FlowBoundariesParams boundaries;
  std::vector<mesh::BodyParams> bodies;
  FlowInitialParams initial;
  FlowLesParams les;
  FlowScalarParams scalar;
  mesh::LinearSolverParams pressure;
  std::vector<FlowProbeParams> probes;
  std::vector<FlowLineParams> lines;
  FlowSurfaceParams surface;
  bool balance = false;  ///< what goes through the sides among the diagnostics

  void describe(core::ParamVisitor& v);
  /// Kinematic viscosity (m2/s), from whichever of the two keys was given.
  double viscosity() const;
};

/// The axes whose both sides are periodic. UserError when only one side of an axis is.
std::array<bool, 3> periodic_axes(const FlowParams& params);

}  // namespace understudy::solvers
