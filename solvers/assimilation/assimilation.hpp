// Four-dimensional variational assimilation: the minimum of an AssimilationObjective within bounds by the
// limited-memory quasi-Newton method of mesh/optimisation, distributed over the ranks as the fields are. Part of
// builds with PETSc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "solvers/assimilation/objective.hpp"

namespace understudy::solvers::assimilation {

struct AssimilationRecord {
  int iteration = 0;  ///< 0: the start
  double misfit = 0, background = 0;
  double gradient_norm = 0;   ///< of J / J(start) in scaled unknowns, projected on the bounds
  long long evaluations = 0;  ///< of J and its gradient so far
  double wall_s = 0;          ///< since the minimisation began, earlier parts included
  std::vector<double> numbers;
};

/// Where a minimisation stands.
struct AssimilationState {
  std::vector<double> x;  ///< the unknowns, this rank's part
  std::vector<AssimilationRecord> history;
  double start_value = 0;   ///< J at the very start, which values are divided by
  long long shortened = 0;  ///< see TrajectoryCost, of all evaluations
  long long recomputed = 0;
  std::string reason;   ///< why it ended
  bool failed = false;  ///< the line search found no smaller value
};

struct AssimilationSettings {
  int iterations = 50;  ///< in all, earlier parts included
  double gradient_tolerance = 1e-6;
  double value_goal = 0;  ///< stop at this part of the start's J; 0: off
  int memory = 20;        ///< pairs of steps and gradients that stand for the curvature
};

/// After the start and every iteration; false stops. The same answer on every rank.
using AssimilationWatch = std::function<bool(const AssimilationState&)>;

/// From the background, or from where an earlier one stood. Collective. RunError where J or its gradient is not
/// finite, or the gradient is 0 although J is not.
template <class Real>
AssimilationState assimilate(AssimilationObjective<Real>& objective,
                             const AssimilationSettings& settings, const AssimilationWatch& watch,
                             const AssimilationState* resumed = nullptr);

}  // namespace understudy::solvers::assimilation
