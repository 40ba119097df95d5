// The deck's `time:` section.
#pragma once

#include "core/params.hpp"
#include "solvers/steady.hpp"

namespace understudy::solvers {

struct TimeParams {
  double end_s = 1;
  double window_s = 0.1;  ///< one call of advance; outputs fall on multiples of it
  int output_every = 1;   ///< windows between outputs
  double diagnostics_every_s =
      0;                     ///< between rows of diagnostics, within windows, too; 0: one a window
  int checkpoint_every = 0;  ///< windows between checkpoints; 0: at the end and on a signal only
  double max_wall_s = 0;     ///< stop with a checkpoint after this wall time; 0: none
  double max_abs_value = 1e6;  ///< contract: no prognostic value may exceed this in magnitude
  SteadyParams steady;         ///< ends a run early; read by the verb `run` alone
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::solvers
