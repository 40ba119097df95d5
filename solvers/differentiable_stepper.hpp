// What a Stepper is that can be differentiated: beside advance() it has the exact transpose of its linearised
// discrete equations, so that the gradient of any function of states is the gradient of what was computed, to
// round-off. A Stepper that can derives from Differentiated, too.
//
//     auto* d = differentiable(stepper);             // null: cannot; UserError: not with these parameters
//     auto tape = d->make_tape(512);
//     d->advance_recorded(state, window_s, *tape);   // bitwise what advance() does
//     ...                                            // J of the state; adjoint = dJ/d(state)
//     d->advance_adjoint(*tape, adjoint, gradient);  // adjoint = dJ/d(state before); gradient += dJ/d(controls)
//
// A derivative with respect to a State is a State of the same fields (make_adjoint): each value is dJ/d(that
// value), without weights of cells, so that <adjoint, change> is the plain sum over the values that ranks own:
// Grid::points(location) of every prognostic and history field. Other ghosts are not looked at on entry and
// are zero on return; fixed fields, time, step and scalars take no part. Values that the equations do not read
// (boundary values that they prescribe, guesses of iterative solvers) have the derivative 0.
//
// What is frozen: the sizes of the time steps, and whatever else an implementation names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mesh/field.hpp"
#include "solvers/stepper.hpp"

namespace understudy::solvers {

/// A quantity beside the initial state on which an advance depends.
struct ControlInfo {
  std::string name;  ///< "viscosity", "boundary_scale", "acceleration", "force"
  std::string unit;
  std::string description;
  int numbers = 0;     ///< how many; 0: a field
  int components = 0;  ///< of a field, which is constant in time during an advance
};

/// Changes of the controls, or derivatives with respect to them.
template <class Real>
struct Controls {
  std::map<std::string, std::vector<double>> numbers;  ///< alike on all ranks
  /// [component, k, j, i] with the grid's extents; the interior counts. A field that is not here: a change
  /// of 0, and no derivative is computed.
  std::map<std::string, mesh::Array4<Real>> fields;
};

/// What one advance left behind for its derivative: the steps that it took, and their states or some of them,
/// from which the others are computed again. It may be used for as many derivatives as wanted, and recorded
/// anew; it belongs to the stepper that made it.
template <class Real>
class AdvanceTape {
 public:
  virtual ~AdvanceTape() = default;
  virtual long long steps() const = 0;
  virtual double bytes() const = 0;  ///< that it holds now, on this rank
  /// Steps that derivatives computed again so far.
  virtual long long recomputed() const = 0;
};

template <class Real>
class DifferentiableStepper {
 public:
  virtual ~DifferentiableStepper() = default;

  virtual std::vector<ControlInfo> controls() const = 0;
  /// All of them, zero; with the fields named.
  virtual Controls<Real> make_controls(const std::vector<std::string>& fields = {}) const = 0;
  /// The stepper's fields, zero, on its grid.
  virtual mesh::State<Real> make_adjoint() const = 0;

  /// `memory_limit_mb` bounds what is kept on this rank. UserError naming the least possible limit where it is
  /// below that; `key` is the deck's name of the limit.
  virtual std::unique_ptr<AdvanceTape<Real>> make_tape(
      double memory_limit_mb, const std::string& key = "memory_limit_mb") const = 0;

  /// As Stepper::advance, bit by bit, leaving a tape. Collective.
  virtual AdvanceReport advance_recorded(mesh::State<Real>& state, double duration_s,
                                         AdvanceTape<Real>& tape) = 0;
  /// On entry dJ/d(state after the advance), on return dJ/d(state before it); adds dJ/d(controls) to
  /// `gradient`. RunError naming step and field where it is not finite. Collective.
  virtual void advance_adjoint(AdvanceTape<Real>& tape, mesh::State<Real>& adjoint,
                               Controls<Real>& gradient) = 0;
  /// First variation: on entry that of the state before the advance, on return that of the state after it, for
  /// the changes `change` of the controls. Collective.
  virtual void advance_tangent(AdvanceTape<Real>& tape, mesh::State<Real>& tangent,
                               const Controls<Real>& change) = 0;

  /// The same of Stepper::constrain at time `time_s`, which is linear in the state. Collective.
  virtual void constrain_adjoint(double time_s, mesh::State<Real>& adjoint,
                                 Controls<Real>& gradient) = 0;
  virtual void constrain_tangent(double time_s, mesh::State<Real>& tangent,
                                 const Controls<Real>& change) = 0;
};

/// What a Stepper derives from that can be differentiated.
template <class Real>
class Differentiated {
 public:
  virtual ~Differentiated() = default;
  /// Lives as long as the stepper. UserError naming the key where it cannot with its parameters.
  virtual DifferentiableStepper<Real>* differentiable() = 0;
};

/// Null where the stepper cannot be differentiated at all.
template <class Real>
DifferentiableStepper<Real>* differentiable(Stepper<Real>& stepper) {
  auto* can = dynamic_cast<Differentiated<Real>*>(&stepper);
  return can ? can->differentiable() : nullptr;
}

}  // namespace understudy::solvers
