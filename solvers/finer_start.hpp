// A stepper that can take its start from a state on a finer grid better than by interpolation at its points:
// a spectral method, which takes the modes that it carries.
#pragma once

#include "mesh/field.hpp"

namespace understudy::solvers {

template <class Real>
class FinerStart {
 public:
  virtual ~FinerStart() = default;
  /// The prognostic fields of `finer` as far as `own` can have them, constrained as by Stepper::constrain(). The
  /// finer grid has at least as many cells along each axis, of a box of the same sides (UserError where not);
  /// time, step and scalars are left as they are. Collective.
  virtual void start_from(const mesh::State<float>& finer, mesh::State<Real>& own) = 0;
  virtual void start_from(const mesh::State<double>& finer, mesh::State<Real>& own) = 0;
};

}  // namespace understudy::solvers
