// The deck's `assimilation:` section: which numbers of a simulation, and whether its initial state, are to be found
// from samples in space and time (invert), where they start and how far they may go. docs/assimilation.md.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "apps/simulation/unknown_kind.hpp"
#include "core/params.hpp"

namespace understudy::apps {

/// One kind of unknown.
struct UnknownParams {
  UnknownKind kind;
  double start_number = 0;         ///< 0: the deck's own
  std::vector<double> start;       ///< numbers, one an axis; empty: the deck's own
  std::vector<std::string> state;  ///< formulas; empty: the deck's own initial state
  double lower = 0, upper = 0;     ///< of a number
  double bound = 0;                ///< largest magnitude of the others; 0: none
  double deviation = 0;            ///< of the background; 0: no background term
  double length_m =
      0;  ///< over which a state's background's errors are correlated; 0: they are not
  void describe(core::ParamVisitor& v);
};

/// Samples that are computed from the deck's own flow, where it names none.
struct TwinParams {
  int points = 500;  ///< in space and time
  double noise = 0;  ///< standard deviation, in units of each field's rms
  void describe(core::ParamVisitor& v);
};

/// The part of the course's box that samples are drawn from.
struct SampleBoxParams {
  std::vector<double> lower_m, upper_m;  ///< one number an axis; empty: the whole box
  bool contains(const std::array<double, 3>& point_m) const;
  void describe(core::ParamVisitor& v);
};

struct AssimilationParams {
  explicit AssimilationParams(const std::vector<UnknownKind>& kinds);

  std::string samples;              ///< CSV, or a dataset's folder; empty: computed (twin)
  std::vector<std::string> fields;  ///< empty: those of the velocity
  std::vector<double> deviation{0.01};
  int draw = 0;      ///< so many rows at random; 0: all (of a CSV)
  int held_out = 0;  ///< so many more, which are compared and not fitted
  SampleBoxParams within;
  double from_s = 0;  ///< the samples' time at which the course begins
  TwinParams twin;
  std::vector<std::string> unknowns;
  std::vector<UnknownParams> of;  ///< every kind
  double step_s = 0;              ///< 0: chosen
  int iterations = 50;
  double gradient_tolerance = 1e-6;
  double goal = 0;
  double memory_limit_mb = 1000;

  bool wants(const std::string& kind) const;
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::apps
