// The passive scalar at bodies, by ghost cells (Tseng & Ferziger 2003): the cells of a body beside
// the fluid are given the value that the fluid's differences need,
//     insulated  the parabola without slope at the surface through two places above it
//     fixed      the straight line through c_b on the surface and the place that mirrors the cell
// where the values at places along the surface's normal are (bi-, tri-)linearly interpolated from
// fluid cells, the mirror's from further out where it lies too near. Fixed: second order; insulated:
// between first and second. The total is conserved up to what the interpolated velocity carries
// through the surface. Deeper in the body the scalar has no meaning.
// With limited convection an insulated body's cells stay between the values that they are made from. A
// fixed body's have to lie beyond c_b, as the line does; the fluid's cells beside them are held, at the end
// of each stage, between the values of the stage's start in the cell itself and its neighbours in the fluid, and
// c_b in place of those in the body: what the stage would be a weighted mean of, were the surface between them.
// Where the scalar is smooth that changes nothing but at an extremum of its own beside the body, as the
// limiter does.
// Where all faces of a cell are forced their velocities conserve no mass (body_forcing.hpp), and
// convection is made advective there, so that a uniform scalar stays uniform.
#pragma once

#include <memory>

#include "mesh/box_grid.hpp"
#include "solvers/flow/body_lists.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/momentum_kernels.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

template <class Real>
class BodyScalar {
 public:
  BodyScalar(const Bodies& bodies, const mesh::BoxGrid& grid, const FlowScalarParams& params);
  bool empty() const { return empty_; }
  /// Writes this rank's cells of the bodies. Two ghost layers of `c` [k, j, i] are valid on entry,
  /// those over bodies are not on return.
  void impose(const mesh::Array3<Real>& c) const;
  /// After predict_scalar: adds c div u to the rate (unless that is empty) and dt_now c div u to c*
  /// at the cells whose faces are all forced.
  void make_advective(const StepCoefficients<Real>& step, const Velocity<Real>& u,
                      const ScalarStep<Real>& scalar) const;
  /// Around a stage of the limited step, which writes `star` = base + share (stepped c), base its old content
  /// or (`second` false) 0: before it, and after it and make_advective. `c` as the stage reads it.
  void keep_base(const mesh::Array3<Real>& star, bool second) const;
  void bound(const ScalarStep<Real>& scalar, bool second) const;

 private:
  InterpolatedList<Real> list_;
  InterpolatedList<Real> beside_;  ///< fluid's cells beside a fixed body; target: the base
  Kokkos::View<int*, mesh::Memory> buried_;
  Steps<Real> steps_;
  int dimension_ = 2;
  Real value_ = 0;
  bool bounded_ = false, empty_ = true;
};

}  // namespace understudy::solvers::flow
