// Time averages and fluctuations of a run's fields at cell centres, from a start time on. Each sample's
// weight is the time that it stands for (trapezoidal rule over the samples' own times, so that unequal steps
// and windows need no care; exact to round-off for what is periodic and sampled evenly over whole periods):
//
//     mean = 1/T int q dt,     rms = sqrt(1/T int (q - mean)^2 dt),     T from the first sample to the last,
//
// accumulated about the running mean (Chan, Golub & LeVeque 1983), in double precision whatever the run's, so
// that a small fluctuation of a large mean is not lost. Three numbers a cell and quantity are kept; they go
// into checkpoints as a part (mesh/io/checkpoint.hpp), and a restarted run's averages are bitwise the
// uninterrupted one's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/cell_field.hpp"
#include "mesh/io/checkpoint.hpp"
#include "solvers/stepper.hpp"

namespace understudy::solvers {

struct StatisticsParams {
  double from_s = 0;                ///< no sample before
  double every_s = 0;               ///< least time between samples; 0: every step
  std::vector<std::string> fields;  ///< fields and derived quantities; empty: none
  void describe(core::ParamVisitor& v);
  bool enabled() const { return !fields.empty(); }
};

template <class Real>
class FieldStatistics {
 public:
  /// The state's ghosts are valid. std::out_of_range where a quantity is neither a field of the state nor a
  /// derived one of the stepper. Collective.
  FieldStatistics(const StatisticsParams& params, const mesh::State<Real>& state,
                  Stepper<Real>& stepper);

  /// A sample, where one is due at the state's time. Ghosts are valid. Collective.
  void look(const mesh::State<Real>& state, Stepper<Real>& stepper);

  long long samples() const;
  /// From the first sample to the last (s).
  double from_s() const;
  double duration_s() const;
  /// <name>_mean and <name>_rms of every quantity. Zero where there is no sample.
  std::vector<mesh::CellField<double>> results() const;
  /// What a checkpoint keeps; refers to this object.
  mesh::CheckpointPart part();

 private:
  bool is_due(double time_s) const;

  StatisticsParams params_;
  mesh::State<double> memory_;  ///< <name>_mean, _m2 (unit squared x s), _last of every quantity
};

}  // namespace understudy::solvers
