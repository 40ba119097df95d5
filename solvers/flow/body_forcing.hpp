// Direct forcing of the velocity on bodies at rest, and the force on them. The lists of forced
// points (body_points.hpp) lie on the device; the pressure equation keeps its constant
// coefficients.
//
// The force is the momentum balance over the forced region: with H convection and diffusion,
//     F_a = rho sum over forced points (H_a - (1/rho) dp/dx_a) dV + rho sum s (g_a + f_a - lambda u_a) dV,
// the first of which telescopes to momentum fluxes and pressure on the region's boundary, so that
// values deep inside a body do not matter. s is the fluid's share of a control volume that is
// forced, and of others that the surface cuts that share less 1: what pushes the fluid of the forced
// layer pushes the body (in a steady periodic flow F = rho g V, V the fluid's volume). It needs the
// state alone; it leaves out the (small) rate of change of the momentum of the interface points.
//
// Of a body that stands on a side the force is that on its wetted surface, the pressure taken from
// its mean over the fluid.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/flow/body_forcing_kernels.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

/// What the force is computed from: ghosts of u and p are valid.
template <class Real>
struct BodyForceInputs {
  const StepCoefficients<Real>& numbers;  ///< viscosity, density, acceleration, scheme
  double density;                         ///< kg/m3
  const Velocity<Real>& u;
  const mesh::Array3<Real>&p, &eddy_viscosity;
  const Velocity<Real>& external;  ///< body force per mass, m/s2; empty views without
  double friction_1_s;             ///< linear drag
};

template <class Real>
class BodyForcing {
 public:
  /// Collective.
  BodyForcing(const Bodies& bodies, std::shared_ptr<const mesh::BoxGrid> grid);
  bool empty() const { return empty_; }
  /// Imposes the bodies on `u` on the interior; its ghosts are valid, those beyond the box's sides
  /// where bodies come near them. Nothing waits: what it changes in the step's round of this number, from
  /// 0, stays on the device.
  void apply(const Velocity<Real>& u, int round);
  /// The same to a change of the velocity, outside the count.
  void apply_to_change(const Velocity<Real>& d) const;
  /// The sum over this rank's forced points of the change of each component (m/s) in the step's rounds.
  std::array<double, 3> changes(int rounds) const;
  /// Evens out the pressure equation's right side `b` over the buried cells of each body, those
  /// whose faces are all forced. Zero velocity inside a body and the interpolated one beside it do
  /// not conserve mass there; a projection that made them would push the velocity at the wall off by
  /// O(h) (the mass source of Kim, Kim & Choi 2001 serves the same end). The sum stays, so that all
  /// other cells become divergence-free to the solver's tolerance. Collective.
  void level_buried(const mesh::Array3<Real>& b) const;
  /// Sets an array of cells to zero where they are buried. For the pressure: its increments there
  /// balance nothing and would add up without bound; no free velocity feels them, and the force
  /// telescopes over them.
  void clear_buried(const mesh::Array3<Real>& a) const;
  void shift_buried(const mesh::Array3<Real>& a, double by) const;
  /// Sum over the buried cells of all bodies, and how many they are, on all ranks. Collective.
  double buried_sum(const mesh::Array3<Real>& a) const;
  std::vector<double> buried_sums(const mesh::Array3<Real>& a) const;  ///< by body
  double buried_count() const;
  const ForcedPointLists<Real>& forced() const { return lists_; }
  /// Fluid fraction of the cells, smoothed over one cell: 1 fluid, 0 body.
  void fill_mask(const mesh::Array3<Real>& mask) const;
  /// Force on each body (N; 2-D: N/m), all ranks; bodies that touch share it as their points lie.
  /// Collective.
  std::vector<std::array<double, 3>> forces(const BodyForceInputs<Real>& in) const;
  /// The transposes of forces()' sums, of body `body` (-1: all) and component c: adds `value` at its forced points,
  /// or `value` times the fluid's share at the points partly in the fluid; and the sum of these shares, this rank's.
  void add_to_forced(int body, int c, double value, const mesh::Array3<Real>& to) const;
  void add_fluid_share(int body, int c, double value, const mesh::Array3<Real>& to) const;
  double fluid_points(int body, int c) const;
  /// Of each component's points: the fluid's share of those that are forced and of those that the surface cuts, less
  /// their number where they are forced: what a uniform push of the fluid has more than that of the points that
  /// are free. All ranks. Collective.
  std::array<double, 3> pushed_points() const;

 private:
  std::shared_ptr<const mesh::BoxGrid> grid_;
  /// Points that belong to one body: to the nearest.
  struct Share {
    std::array<Kokkos::View<int*, mesh::Memory>, 3> forced;  ///< by velocity component
    std::array<Kokkos::View<int*, mesh::Memory>, 3> partly;  ///< points with a share of the fluid
    std::array<Kokkos::View<Real*, mesh::Memory>, 3> fluid;  ///< and that share
    std::array<double, 3> fluid_points{};                    ///< their sum, this rank
    Kokkos::View<int*, mesh::Memory> buried;
    double buried_count = 0;  ///< all ranks
  };
  void sum_buried(const mesh::Array3<Real>& a) const;  ///< into buried_sums_, all ranks; collective
  void impose(const Velocity<Real>& u,
              const Kokkos::View<VelocityChanges, mesh::Memory>& changes) const;
  ForcedPointLists<Real> lists_;
  Kokkos::View<VelocityChanges*, mesh::Memory> changes_;  ///< by round
  Kokkos::View<VelocityChanges, mesh::Memory> uncounted_{"uncounted changes"};
  Kokkos::View<double*, mesh::Memory> buried_sums_;  ///< by body
  std::vector<Share> shares_;                        ///< by body
  mesh::HostArray3<Real> fraction_;                  ///< of the cells
  bool empty_ = true;
};

}  // namespace understudy::solvers::flow
