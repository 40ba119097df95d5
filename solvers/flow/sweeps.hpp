// The loops of one time step over the whole block: each applies the formulas of
// momentum_kernels.hpp in one pass over memory. Arrays are [k, j, i] with the grid's extents;
// ghosts of what is read are valid. Kernels run in mesh::Exec; reductions are of this rank.
#pragma once

#include <array>

#include "mesh/array.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/limited_scalar_kernels.hpp"

namespace understudy::solvers::flow {

template <class Real>
using Velocity = std::array<mesh::Array3<Real>, 3>;  ///< u, v, w; w is empty in 2-D

/// Numbers of one Adams-Bashforth step.
template <class Real>
struct StepCoefficients {
  Real dt = 0;                          ///< s
  Real weight_now = 1, weight_old = 0;  ///< 1 + r/2 and -r/2; 1 and 0 without history
  Real viscosity = 0;                   ///< m2/s
  Real inv_density = 1;                 ///< m3/kg
  std::array<Real, 3> acceleration{};   ///< m/s2
  bool upwind = false;
};

/// u* = u + dt [w_now H(u) + w_old H_old - grad p / rho + g] on the interior; `rate` holds H_old on
/// entry and H(u) on return. `eddy_viscosity` at cells (interior and one ghost), or an empty view.
template <class Real>
void predict_velocity(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                      const Velocity<Real>& u, const mesh::Array3<Real>& pressure,
                      const mesh::Array3<Real>& eddy_viscosity, const Velocity<Real>& rate,
                      const Velocity<Real>& u_star);

/// What the scalar's step works on, [k, j, i].
template <class Real>
struct ScalarStep {
  mesh::Array3<Real> scalar;  ///< two ghost layers
  mesh::Array3<Real> rate;    ///< C_old on entry, C(c) on return
  mesh::Array3<Real> star;    ///< c*
  double diffusivity_m2_s = 0;
  mesh::Array3<Real> eddy_viscosity{};  ///< interior and one ghost, or an empty view
  double turbulent_schmidt = 1;         ///< eddy viscosity over eddy diffusivity
  bool upwind = false;                  ///< convection by upwind3, else central
};

/// c* = c + dt [w_now C(c) + w_old C_old] on the interior.
template <class Real>
void predict_scalar(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                    const Velocity<Real>& u, const ScalarStep<Real>& scalar);

/// One stage of the scalar's bounded step (limited_scalar_kernels.hpp).
struct LimitedScalarStage {
  double dt_s;
  bool second;                        ///< else the first
  double diffusion_1_s;               ///< bound of sum over a cell's faces of diffusivity / h^2
  std::array<GivenFaces, 3> given{};  ///< by axis
};

/// Heun's method, with C limited convection and diffusion: first c* = c + dt C(c), second
/// c* = c* + (c + dt C(c)) / 2, on the interior. `rate` of the step is not used.
template <class Real>
void limited_scalar_stage(const mesh::BoxGrid& grid, const LimitedScalarStage& stage,
                          const Velocity<Real>& u, const ScalarStep<Real>& scalar);

/// Between the stages: c and c* change places, and c* (now the old c) becomes (c* + source) / 2;
/// `source` may be an empty view.
template <class Real>
void keep_half(const mesh::BoxGrid& grid, const mesh::Array3<Real>& c,
               const mesh::Array3<Real>& star, const mesh::Array3<Real>& source);

/// b = -div u* / dt at the interior cells: the right-hand side of -lap phi = b.
template <class Real>
void pressure_right_side(const mesh::BoxGrid& grid, double dt_s, const Velocity<Real>& u_star,
                         const mesh::Array3<Real>& b);

/// What a projection adds to the pressure: rho (phi - level).
template <class Real>
struct PressureIncrement {
  double dt_s, density;
  mesh::Array3<Real> phi;  ///< m2/s2
  double level = 0;        ///< m2/s2
};

/// u = u* - dt grad phi and p += rho (phi - level) on the interior; `p` may be empty, u may be
/// u_star.
template <class Real>
void correct(const mesh::BoxGrid& grid, const PressureIncrement<Real>& increment,
             const Velocity<Real>& u_star, const Velocity<Real>& u, const mesh::Array3<Real>& p);

/// a += by on the interior.
template <class Real>
void shift(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a, double by);

/// to = factor from, and to += from, on the interior.
template <class Real>
void scale_into(const mesh::BoxGrid& grid, Real factor, const mesh::Array3<Real>& from,
                const mesh::Array3<Real>& to);
template <class Real>
void add(const mesh::BoxGrid& grid, const mesh::Array3<Real>& from, const mesh::Array3<Real>& to);

/// A first guess of the next increment: phi = ratio (2 phi - old), old = phi, on the interior.
template <class Real>
void extrapolate_increment(const mesh::BoxGrid& grid, double ratio, const mesh::Array3<Real>& phi,
                           const mesh::Array3<Real>& old);

/// nu_t at the interior and one ghost layer. `wale`: else Smagorinsky. 3-D.
template <class Real>
void eddy_viscosity(const mesh::BoxGrid& grid, bool wale, double constant, const Velocity<Real>& u,
                    const mesh::Array3<Real>& nu_t);

/// Largest sum_a |u_a| / h_a (1/s) on this rank.
template <class Real>
double max_cfl_rate_1_s(const mesh::BoxGrid& grid, const Velocity<Real>& u);
/// Largest value of a non-negative cell array on this rank's interior.
template <class Real>
double largest_value(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a);
/// Sum of squares of div u (1/s2) and largest |div u| (1/s) on this rank.
template <class Real>
std::array<double, 2> divergence_norms(const mesh::BoxGrid& grid, const Velocity<Real>& u);

}  // namespace understudy::solvers::flow
