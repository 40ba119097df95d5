// The passive scalar at bodies, by ghost cells (Tseng & Ferziger 2003): the cells of a body beside
// the fluid are given the value that the fluid's differences need,
//     insulated  c = c(mirror)                   no diffusive flux
//     fixed      c = c_b - (c(m) - c_b) d / d_m   c = c_b on the surface; d depth of the cell, d_m
//                                                height of the place m above the surface
// where the place that mirrors the cell (or one further out) is (bi-, tri-)linearly interpolated from
// fluid cells. Convergence is of second order; the total is conserved up to what the interpolated
// velocity carries through the surface. Deeper in the body the scalar has no meaning.
#pragma once

#include <memory>

#include "solvers/flow/body_lists.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers::flow {

template <class Real>
class BodyScalar {
 public:
  BodyScalar(const Bodies& bodies, const FlowScalarParams& params);
  bool empty() const { return empty_; }
  /// Writes this rank's cells of the bodies. Two ghost layers of `c` [k, j, i] are valid on entry,
  /// those over bodies are not on return.
  void impose(const mesh::Array3<Real>& c) const;

 private:
  InterpolatedList<Real> list_;
  Real value_ = 0;
  bool empty_ = true;
};

}  // namespace understudy::solvers::flow
