// The misfit of a stepper's course to samples, and its gradient in bounded memory: the states at the ends of the
// intervals are computed onward and kept, or some of them, and the intervals' adjoints taken backward
// (step_schedule.hpp); each interval is one advance.
//
//   J = 1/2 sum over the samples of ((value of the course - measured) / deviation)^2
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solvers/assimilation/observations.hpp"
#include "solvers/differentiable_stepper.hpp"

namespace understudy::solvers::assimilation {

struct TrajectorySetup {
  TimeIntervals time;
  Observations observations;
  double memory_limit_mb = 1000;        ///< of what a rank keeps of the course
  std::string key = "memory_limit_mb";  ///< the deck's name of the limit
};

/// What one evaluation took.
struct TrajectoryCost {
  long long steps = 0;       ///< of the course
  long long recomputed = 0;  ///< intervals computed again for want of memory
  long long shortened =
      0;  ///< intervals that took more steps than the first evaluation's did: the gradient
          ///< does not know how their number depends on the state
};

template <class Real>
class ObservedTrajectory {
 public:
  /// `like`: a state of the grid and the fields. UserError where a sample does not fit. Collective.
  ObservedTrajectory(const TrajectorySetup& setup, const mesh::State<Real>& like);

  /// From `start`, which is constrained already and has no history. `adjoint` becomes dJ/d(start), dJ/d(controls)
  /// is added to `gradient`. UserError where the memory is too little, RunError where the course or a derivative
  /// is not finite, naming step and field. Collective.
  double evaluate(Stepper<Real>& stepper, const mesh::State<Real>& start,
                  mesh::State<Real>& adjoint, Controls<Real>& gradient);
  /// The samples' values in the course from `start`. Collective.
  std::vector<double> predict(Stepper<Real>& stepper, const mesh::State<Real>& start);

  const TrajectoryCost& cost() const { return cost_; }  ///< of the last evaluation
  const Observations& observations() const { return setup_.observations; }
  const TimeIntervals& time() const { return setup_.time; }
  /// The state at the end of the last course of predict().
  const mesh::State<Real>& end() const { return present_; }

 private:
  struct Sweep;
  double misfit_and_slopes();
  void note_steps(int interval, long long steps);

  TrajectorySetup setup_;
  ObservationOperator<Real> operator_;
  mesh::State<Real> present_;
  std::vector<std::unique_ptr<mesh::State<Real>>> stored_;
  std::vector<long long> steps_;  ///< [interval] of the first evaluation
  double tape_bytes_ = 0;         ///< of the first interval's tape
  double tape_limit_mb_ = 0;      ///< of every other's
  TrajectoryCost cost_;
};

extern template class ObservedTrajectory<float>;
extern template class ObservedTrajectory<double>;

}  // namespace understudy::solvers::assimilation
