// Direct forcing of the velocity on bodies at rest, and the force on them. The lists of forced
// points (body_points.hpp) lie on the device; the pressure equation keeps its constant
// coefficients.
//
// The force is the momentum balance over the forced region: with H convection and diffusion,
//     F_a = rho sum over forced points (H_a - (1/rho) dp/dx_a) dV,
// which telescopes to momentum fluxes and pressure on the region's boundary, so that values deep
// inside a body do not matter. It needs the state alone; it leaves out the (small) rate of change
// of the momentum of the interface points.
#pragma once

#include <array>
#include <memory>

#include "mesh/halo.hpp"
#include "solvers/flow/body_points.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

/// Interpolated points of one velocity component on the device.
template <class Real>
struct InterpolatedList {
  Kokkos::View<int*, mesh::Memory> index;
  Kokkos::View<int* [16], Kokkos::LayoutRight, mesh::Memory> stencil;
  Kokkos::View<Real* [16], Kokkos::LayoutRight, mesh::Memory> weight;
  Kokkos::View<Real*, mesh::Memory> target;
};

/// The forced points of one velocity component on the device.
template <class Real>
struct ForcedList {
  Kokkos::View<int*, mesh::Memory> solid, all;
  InterpolatedList<Real> interface;
};

template <class Real>
class BodyForcing {
 public:
  /// Collective.
  BodyForcing(const Bodies& bodies, std::shared_ptr<const mesh::Grid> grid);
  bool empty() const { return empty_; }
  /// Imposes the bodies on `u` on the interior, after an exchange of its ghosts. Returns the sum
  /// over this rank's forced points of the change of each component (m/s). Collective.
  std::array<double, 3> apply(const Velocity<Real>& u, mesh::Halo<Real>& halo) const;
  /// Sets the pressure of buried cells to zero. The increments there balance nothing and would add
  /// up without bound; no free velocity feels them, and the force telescopes over them.
  void clear_buried_pressure(const mesh::Array3<Real>& p) const;
  /// Fluid fraction of the cells, smoothed over one cell: 1 fluid, 0 body.
  void fill_mask(const mesh::Array3<Real>& mask) const;
  /// Force on the bodies (N; 2-D: N/m), all ranks. Ghosts of u and p are valid. Collective.
  std::array<double, 3> force(const StepNumbers<Real>& numbers, double density,
                              const Velocity<Real>& u, const mesh::Array3<Real>& p,
                              const mesh::Array3<Real>& eddy_viscosity) const;

 private:
  std::shared_ptr<const mesh::Grid> grid_;
  std::array<ForcedList<Real>, 3> lists_;
  Kokkos::View<int*, mesh::Memory> buried_;
  mesh::HostArray3<Real> fraction_;  ///< of the cells
  bool empty_ = true;
};

}  // namespace understudy::solvers::flow
