// Diagnostics as objectives: what a DifferentiableStepper that also derives from DiagnosticGradient knows beside the
// transpose of its advance. With J = sum over some instants of weight x diagnostic,
//
//     adjoint = 0
//     backward over the windows:
//       gradient_of->add_gradient(name, state at the window's end, weight, adjoint, gradient)
//       derivative->advance_adjoint(tape of the window, adjoint, gradient)
//
// leaves dJ/d(state at the start) in `adjoint` and dJ/d(controls) in `gradient`. examples/drag_sensitivity.cpp does.
#pragma once

#include <string>
#include <vector>

#include "solvers/differentiable_stepper.hpp"

namespace understudy::solvers {

template <class Real>
class DiagnosticGradient {
 public:
  virtual ~DiagnosticGradient() = default;
  /// Those of the stepper's diagnostics() whose derivative is known.
  virtual std::vector<std::string> differentiable_diagnostics() const = 0;
  /// adjoint += weight d(diagnostic)/d(state), gradient += weight d(diagnostic)/d(controls), of `state` as it is.
  /// UserError naming those that there are for another name, or why its derivative is not known. Collective.
  virtual void add_gradient(const std::string& diagnostic, const mesh::State<Real>& state,
                            double weight, mesh::State<Real>& adjoint,
                            Controls<Real>& gradient) = 0;
};

}  // namespace understudy::solvers
