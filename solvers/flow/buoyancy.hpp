// The scalar's weight in the Boussinesq approximation: a push b (c - c0) per mass, with b = -beta g for a
// temperature c of thermal expansion beta (1/K). c is interpolated linearly to each component's faces; the push is
// a part of the rates that Adams-Bashforth extrapolates, hence second order in space and time. Private to
// solvers/flow.
#pragma once

#include <array>

#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

struct Buoyancy {
  std::array<double, 3> per_unit_m_s2{};  ///< b
  double from = 0;                        ///< c0
  explicit Buoyancy(const FlowScalarParams& params);
  bool empty() const;
};

/// After predict_velocity: rate += b (c - c0), u* += dt w_now b (c - c0) on the interior; ghosts of c are valid.
template <class Real>
void add_buoyancy(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                  const Buoyancy& buoyancy, const mesh::Array3<Real>& scalar,
                  const std::array<Velocity<Real>, 2>& rate_star);

/// `force` + b (c - c0) at the faces, m/s2; `force` may be empty.
template <class Real>
Velocity<Real> with_buoyancy(const mesh::BoxGrid& grid, const Buoyancy& buoyancy,
                             const mesh::Array3<Real>& scalar, const Velocity<Real>& force);

/// Molecular diffusive flux of the scalar into the box through a side that gives its value: kappa dc/dn over the side's area,
/// as the scheme has it (2-D: m2/s, 3-D: m3/s). Ghosts are valid. Collective.
template <class Real>
double scalar_flux(const mesh::BoxGrid& grid, int side, double diffusivity_m2_s,
                   const mesh::Array3<Real>& scalar);

}  // namespace understudy::solvers::flow
