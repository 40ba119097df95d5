// What four-dimensional variational assimilation minimises (Le Dimet and Talagrand 1986; Talagrand and Courtier
// 1987), here with the model as a strong constraint: over unknowns m, numbers of the model and its initial state,
//
//   J(m) = 1/2 sum over samples ((H x(m) - d) / deviation)^2 + 1/2 sum over unknowns ((m - m_b) / deviation_b)^2,
//
// x(m) the stepper's discrete course from the initial state made constrained (divergence-free), H the samples'
// linear function of it, m_b the background. The gradient is the exact one of this discrete J.
//
// Unknown numbers are parts of a stepper's controls (differentiable_stepper.hpp); a stepper is made for each
// set of them. Unknown initial fields are their values at the points that a rank owns, before the constraint: what the
// constraint takes out does not count in the misfit, and the background alone decides on it.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "solvers/assimilation/correlation.hpp"
#include "solvers/assimilation/trajectory.hpp"

namespace understudy::solvers::assimilation {

struct UnknownNumber {
  std::string name, unit;  ///< "viscosity", "m2/s"
  std::string control;     ///< of the stepper
  int index = 0;           ///< among that control's numbers
  /// The control is the change of a factor, 1, on what the number multiplies: dJ/d(number) is dJ/d(control) / number.
  bool factor = false;
  double background = 0;  ///< where the minimisation starts, too
  double deviation = 0;   ///< of the background; 0: no background term
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
};

struct UnknownFields {
  std::vector<std::string> names;  ///< empty: the initial state is known
  double deviation = 0;            ///< of the background at every point; 0: no background term
  double length_m =
      0;  ///< over which its errors are correlated; 0: from point to point they are not
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
};

template <class Real>
using MakeStepper = std::function<std::shared_ptr<Stepper<Real>>(std::span<const double> numbers)>;

template <class Real>
struct AssimilationProblem {
  MakeStepper<Real> make_stepper;
  std::vector<UnknownNumber> numbers;
  UnknownFields initial;
  mesh::State<Real>
      background;  ///< initial state; of fields that are not unknown, the initial state itself
  TrajectorySetup course;
};

struct AssimilationValue {
  double misfit = 0, background = 0;
  double sum() const { return misfit + background; }
};

/// Values of the unknowns on this rank: the numbers on rank 0 alone, then the initial fields' own points.
template <class Real>
class AssimilationObjective {
 public:
  /// UserError where samples, bounds or names do not fit. Collective.
  explicit AssimilationObjective(AssimilationProblem<Real> problem);

  const AssimilationProblem<Real>& problem() const { return problem_; }
  std::size_t size() const { return count_; }  ///< of this rank's part
  std::vector<double> background() const;
  std::vector<double> lower() const {
    return bounds(&UnknownNumber::lower, problem_.initial.lower);
  }
  std::vector<double> upper() const {
    return bounds(&UnknownNumber::upper, problem_.initial.upper);
  }
  /// What makes unknowns of order one: the background's deviation; else the number's size, or the root mean square
  /// of the measured values.
  std::vector<double> scales() const;

  /// J at x and its gradient, of this rank's parts. RunError where they are not finite, naming what. Collective.
  AssimilationValue evaluate(std::span<const double> x, std::span<double> gradient);

  /// The numbers in x, on every rank. Collective.
  std::vector<double> numbers(std::span<const double> x) const;
  /// The constrained initial state. Collective.
  mesh::State<Real> initial_state(Stepper<Real>& stepper, std::span<const double> x) const;
  /// x of these numbers and of fields as put_fields() gives them. Not collective.
  std::vector<double> unknowns(std::span<const double> numbers,
                               const mesh::State<Real>& state) const;
  /// The unknowns of fields in x, as they are, into a state that has such fields. Not collective.
  void put_fields(std::span<const double> x, const mesh::State<Real>& state) const;
  ObservedTrajectory<Real>& course() { return course_; }
  TrajectoryCost cost() const { return course_.cost(); }

 private:
  std::size_t own_numbers() const;
  bool correlated() const { return root_ != nullptr; }
  std::vector<double> bounds(double UnknownNumber::* of_number, double of_fields) const;
  void require_finite(const AssimilationValue& value, std::span<const double> gradient) const;
  double background_term(std::span<const double> x, std::span<double> gradient) const;

  AssimilationProblem<Real> problem_;
  ObservedTrajectory<Real> course_;
  std::unique_ptr<CorrelationRoot<Real>> root_;  ///< null: errors are not correlated
  std::vector<double> background_;
  std::size_t count_ = 0;
};

extern template class AssimilationObjective<float>;
extern template class AssimilationObjective<double>;

}  // namespace understudy::solvers::assimilation
