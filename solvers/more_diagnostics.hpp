// A stepper with more to say of a state than its diagnostics: numbers that a run's table prints, and that neither
// gates nor comparisons look at.
#pragma once

#include <vector>

#include "solvers/stepper.hpp"

namespace understudy::solvers {

template <class Real>
class MoreDiagnostics {
 public:
  virtual ~MoreDiagnostics() = default;
  /// Computed from the state alone. Collective.
  virtual std::vector<Diagnostic> more_diagnostics(const mesh::State<Real>& state) = 0;
};

}  // namespace understudy::solvers
