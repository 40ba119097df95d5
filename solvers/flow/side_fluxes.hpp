// What the sides of the box give to the fluid: momentum and energy. Ghosts are valid.
//
// Momentum is summed over the control volumes whose velocity is free (not given by a side): their rates of
// change telescope to fluxes of the very formulas that advance them (momentum_kernels.hpp), through the sides for
// the components along them, through the centres of the cells beside the side for the one across it. So
//     d/dt sum rho u_a dV = convected_a + pressure_a + viscous_a + rho g_a V - force on bodies_a
// holds to round-off for what the scheme adds in a step from this state (bodies: but for what forced points gain).
//
// Energy is second order in the interior, first order in the viscous work across a side, which is the
// molecular viscosity's alone:
//     d/dt int rho |u|^2 / 2 dV = in + side_power + injection - dissipation - drag_loss,
//     in = -oint (p + rho |u|^2 / 2) u.n dA, side_power = oint u.tau.n dA, dissipation = int 2 mu S:S dV.
#pragma once

#include <array>

#include "mesh/box_grid.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

/// N (2-D: N/m), by component.
struct SideMomentum {
  std::array<double, 3> convected{}, pressure{}, viscous{};
  std::array<double, 3> free_points{};  ///< velocity points that no side gives
};

/// W (2-D: W/m).
struct SideEnergy {
  double in = 0, side_power = 0, dissipation = 0;
};

/// What is needed of a state; eddy_viscosity is empty without LES.
template <class Real>
struct FluxInputs {
  const StepCoefficients<Real>& numbers;  ///< viscosity and scheme
  double density_kg_m3;
  const Velocity<Real>& u;
  const mesh::Array3<Real>&p, &eddy_viscosity;
};

/// Collective.
template <class Real>
SideMomentum side_momentum(const mesh::BoxGrid& grid, const FluxInputs<Real>& in);
template <class Real>
SideEnergy side_energy(const mesh::BoxGrid& grid, const FluxInputs<Real>& in);

}  // namespace understudy::solvers::flow
