// One cheaper classical run beside the truth: its start from the truth's state, its timed windows, its errors.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/simulation/classical.hpp"

namespace understudy::apps {

/// A run in a precision of its own, beside a truth in Real.
template <class Real>
struct ClassicalRun {
  virtual ~ClassicalRun() = default;
  /// Timed windows in a row, one for each state of the truth; then their errors. RunError when it left
  /// its bounds.
  virtual void advance(std::span<const mesh::State<Real>> truth, solvers::Stepper<Real>& simulation,
                       const solvers::TimeParams& time) = 0;
  /// Back to the start, and windows without a look at them: for repeated timings.
  virtual void restart() = 0;
  virtual void advance(long long windows) = 0;
  /// Of profiles and of spectra; NaN: none. Collective.
  virtual double profiles_error() const = 0;
  virtual double spectra_error() const = 0;
  std::string name, failure;
  double factor = 1;
  bool spectral = false;
  double cost_s = 0;
  std::vector<std::vector<double>> errors;  ///< [field][window]; NaN where the truth is 0
  surrogates::CorrelationSeries correlation;
  std::vector<std::string> statistic_names;
  std::vector<std::vector<double>> statistics;  ///< [named diagnostic][window]
  surrogates::EqualIn equal_in = surrogates::EqualIn::error;
  double window_s = 0;

  /// What is to be equal, the smaller the better (ComparisonResult::judged_by).
  double judged_by(const ClassicalSetup& setup) const;
  /// With the judged fields' errors, and their mean over the windows that count.
  surrogates::ClassicalPoint point(const ClassicalSetup& setup) const;
};

template <class Real>
using ClassicalRunList = std::vector<std::shared_ptr<ClassicalRun<Real>>>;

/// A run of the case, in its deck's precision, at `initial` and warmed up. UserError where it cannot be made.
/// Collective.
template <class Real>
std::shared_ptr<ClassicalRun<Real>> make_classical_run(const ClassicalCase& of,
                                                       const mesh::State<Real>& initial,
                                                       const ClassicalSetup& setup);

}  // namespace understudy::apps
