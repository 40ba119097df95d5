// Derived cell fields and integrals of a velocity, by name. Arrays as in sweeps.hpp; ghosts are
// valid.
#pragma once

#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

/// What a velocity gives at cells: vorticity (2-D: its z component; 3-D: its magnitude),
/// vorticity_x, _y, _z (3-D), q_criterion, divergence, speed.
std::vector<std::string> derived_quantities(int dimension);
std::string derived_unit(const std::string& name);

/// std::out_of_range for a name that is not among them.
template <class Real>
mesh::Array3<Real> derived_quantity(const mesh::BoxGrid& grid, const Velocity<Real>& u,
                                    const std::string& name);

struct FlowIntegrals {
  double speed_squared = 0;        ///< integral of |u|^2 dV
  double vorticity_squared = 0;    ///< integral of |omega|^2 dV
  double momentum[3] = {0, 0, 0};  ///< integrals of u_a dV
  double divergence_squared = 0;   ///< integral of (div u)^2 dV
};

/// Collective.
template <class Real>
FlowIntegrals integrate(const mesh::BoxGrid& grid, const Velocity<Real>& u);
/// Integral of a cell quantity. Collective.
template <class Real>
double integrate(const mesh::BoxGrid& grid, const mesh::Array3<Real>& cell_values);

/// Integral of a product of two cell arrays. Collective.
template <class Real>
double integrate_product(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a,
                         const mesh::Array3<Real>& b);

}  // namespace understudy::solvers::flow
