// The shallow-water equations on a rotating sphere, in conservation form with Cartesian momentum,
//
//     dh/dt     + div(h v)     = 0,
//     d(h v)/dt + div(h v (x) v) = -g h grad(h + b) - f n x h v      (tangent part)
//
// on an equiangular cubed sphere (mesh/cubed_sphere_grid.hpp): h depth (m), v velocity (m/s), b topography, n the
// radial unit vector. The Cartesian components of v are scalars: the equations have no curvature terms, and
// nothing turns at the panels' edges; a projection keeps v tangent.
//
//   - Values are at cell centres. Surface h + b and velocity are interpolated to the faces from both sides, upwind-
//     biased, of order 3, 5 or 7; a low-dissipation flux meets them; differences of the fluxes along the
//     panel's axes are of the order plus one (shallow_water_kernels.hpp). This is a conservative finite-difference
//     scheme (Shu and Osher 1989; Jiang, Shu, Zhang 2013): in flux form as a finite volume one, and exact in
//     mass to round-off, with one flux a face where a finite volume scheme of fifth order has three.
//   - Across panel edges cells see ghosts on the continuation of their panel (mesh/cubed_sphere_halo.hpp).
//     The two panels' fluxes through an edge are averaged, so that what leaves one enters the other.
//   - The pressure gradient acts on the surface: over any topography a fluid at rest stays at rest.
//   - Strong-stability-preserving Runge-Kutta steps (time_schemes.hpp).
//   - Viscosity and hyperviscosity are the Laplacian, once and twice, of depth and Cartesian momentum, fourth
//     order, in flux form; of a tangent vector that is the Hodge Laplacian (it damps vorticity and divergence
//     as their own Laplacians would).
//
// Fields: depth (m), velocity (3 Cartesian components, m/s), fixed topography (m). Ghosts of both are valid
// after advance. Derived: surface_height, vorticity, potential_vorticity, divergence, wind_east, wind_north.
// Limits: the depth stays positive by the case, not by the scheme; no dry ground. docs/numerics_weather.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mesh/cubed_sphere_grid.hpp"
#include "solvers/stepper.hpp"
#include "solvers/weather/shallow_water/shallow_water_cases.hpp"
#include "solvers/weather/shallow_water/shallow_water_params.hpp"

namespace understudy::solvers {

/// Height of the ground (m) in a direction of the grid's frame.
using Topography = std::function<double(const Vector3&)>;

/// Ghost layers that the scheme of `order` needs.
int shallow_water_ghosts(long long order);

template <class Real>
class ShallowWaterSolver : public Stepper<Real> {
 public:
  /// `topography`: in place of the case's, whose surface stays where it is. Collective. UserError when the grid is too
  /// coarse for the order or has too few ghosts, and where the ground would stand out of the fluid.
  ShallowWaterSolver(const ShallowWaterParams& params,
                     std::shared_ptr<const mesh::CubedSphereGrid> grid,
                     const Topography& topography = {});
  ~ShallowWaterSolver() override;

  std::string name() const override { return "shallow_water"; }
  std::shared_ptr<const mesh::Grid> grid() const override;
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  /// shallow_water.mass (conserved), .energy, .potential_enstrophy, .depth_least, .depth_most, .speed_most,
  /// .vorticity_least, .vorticity_most, .potential_vorticity_most; of a tracer .tracer_mass, .tracer_least,
  /// .tracer_most; where there is an exact solution .depth_rel_l2, .depth_rel_linf and .velocity_rel_l2
  /// (Williamson et al. 1992, equations 82 to 84).
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  /// Makes the velocity tangent and fills the ghosts.
  void constrain(mesh::State<Real>& state) override;
  std::vector<std::string> derived_names() const override;
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override;

  /// The deck's state at time 0. UserError where its depth is not above 0 everywhere, but for a start whose wind is
  /// given. Collective.
  void initialise(mesh::State<Real>& state);
  /// The case's state at state.time_s: the exact solution, where it has one.
  void set_to_case(mesh::State<Real>& state);
  const ShallowWaterCase& initial_case() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

extern template class ShallowWaterSolver<float>;
extern template class ShallowWaterSolver<double>;

}  // namespace understudy::solvers
