// The loops of a step's first variation and of its transpose (adjoint_kernels.hpp has the formulas). Arrays are
// [k, j, i] with the grid's extents; reductions are of this rank. `u` is the velocity that the step began with,
// two ghost layers valid.
#pragma once

#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

/// Changes of what drives a step.
template <class Real>
struct StepChanges {
  Real viscosity = 0;                  ///< m2/s
  std::array<Real, 3> acceleration{};  ///< m/s2
  Velocity<Real> force;                ///< m/s2; empty views: none
};

/// predict_velocity's first variation, drag and force included: star = d + dt [w_now H'(d) + w_old rate -
/// grad p / rho + g' + f'], rate = H'(d), with H'(d) the change of the rates for changes d of the velocity.
template <class Real>
void predict_change(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, Real drag,
                    const StepChanges<Real>& changes, const Velocity<Real>& u,
                    const Velocity<Real>& d, const mesh::Array3<Real>& p,
                    const Velocity<Real>& rate, const Velocity<Real>& star);

/// w = dt w_now star + rate, rate = dt w_old star, on the interior: derivatives with respect to the step's own
/// rates and to those of the step before.
template <class Real>
void weigh_rates(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                 const Velocity<Real>& star, const Velocity<Real>& rate, const Velocity<Real>& w);

/// a += transpose of H' applied to w, less drag w, on this rank's own points (linear_boundaries.hpp). Two ghost
/// layers of w are valid, and zero beyond sides of the box.
template <class Real>
void add_transposed_rates(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, Real drag,
                          const Velocity<Real>& u, const Velocity<Real>& w,
                          const Velocity<Real>& a);

/// to += -factor div a on the interior: the transpose of factor grad, as a is zero on the box's sides. One ghost
/// layer of a is valid.
template <class Real>
void add_transposed_gradient(const mesh::BoxGrid& grid, double factor, const Velocity<Real>& a,
                             const mesh::Array3<Real>& to);

/// to = factor from + to on the interior.
template <class Real>
void add_scaled(const mesh::BoxGrid& grid, double factor, const mesh::Array3<Real>& from,
                const mesh::Array3<Real>& to);

/// Sum of w . lap u: the derivative with respect to the viscosity.
template <class Real>
double viscosity_slope(const mesh::BoxGrid& grid, const Velocity<Real>& u, const Velocity<Real>& w);
/// Sum over the interior, and how many of its values are not finite.
template <class Real>
double sum_interior(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a);
template <class Real>
double count_not_finite(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a);

/// Sets to zero the ghosts that the halo fills; or all values but the points at `location`.
template <class Real>
void clear_halo(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a);
template <class Real>
void clear_ghosts(const mesh::BoxGrid& grid, mesh::Location location, const mesh::Array3<Real>& a);

}  // namespace understudy::solvers::flow
