// The deck's section `ensemble`: which simulations make the dataset.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::apps {

/// One varied key: listed values, or `count` values from `from` to `to`, ends included; where points
/// are drawn (EnsembleParams::sampling), the range from `from` to `to`.
struct VariedParams {
  std::string key;
  std::vector<double> values;
  double from = 0, to = 0;
  int count = 0;
  std::string scale = "linear";  ///< linear, log: how the range is divided
  std::vector<double> validation,
      test;  ///< sampling grid: members with these values are of that split
  void describe(core::ParamVisitor& v);
  std::vector<double> all() const;
  /// The value at the fraction x in [0, 1] of the range.
  double at(double x) const;
};

/// Two values that are the same but for rounding, as spaced values are.
bool same_value(double a, double b);
/// Is it one of the values of the grid?
bool has_value(const VariedParams& varied, double value);

/// All combinations of the varied keys (sampling: grid), or `samples` points drawn from their ranges
/// (core/sampling.hpp); each `repeats` times.
struct EnsembleParams {
  std::vector<VariedParams> parameters;
  std::string sampling = "grid";  ///< grid, latin_hypercube, sobol, random
  int samples = 0;                ///< points drawn; 0 with grid
  int repeats = 1;       ///< runs at each point, with different disturbances of the initial state
  double spin_up_s = 0;  ///< time simulated before recording starts
  int windows = 100;     ///< windows recorded per member
  std::vector<long long> validation, test;            ///< members of these splits; the others train
  int validation_every = 0, test_every = 0;           ///< every so many-th member; 0: none
  double validation_fraction = 0, test_fraction = 0;  ///< shares of the members, drawn; 0: lists
  int ranks_per_member = 0;  ///< ranks that simulate one member together; 0: chosen
  void describe(core::ParamVisitor& v);
  bool on_grid() const { return sampling == "grid"; }
  long long members() const;
};

}  // namespace understudy::apps
