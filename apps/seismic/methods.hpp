// The ways from gathers to a model of the earth, each with its course over time:
//   fwi              full-waveform inversion from the deck's start
//   learned          one call of the learned inversion, whose time is the median of five
//   learned_forward  the inversion with the learned forward operator in the wave equation's place, under
//                    guard: every forward.check_every iterations the wave equation's own gradient is
//                    computed and compared by its angle; where they disagree the wave equation takes over
//   hybrid           full-waveform inversion from the learned inversion's model
// Whatever evaluates misfits or networks has done so once before its clock; inversions are timed once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/seismic/seismic_inversion.hpp"
#include "surrogates/arrays/array_map.hpp"

namespace understudy::apps::seismic {

struct WayPoint {
  double wall_s = 0, misfit = 0;
  ModelError error;
};

/// One look of the gate.
struct GateLook {
  int iteration = 0;
  double angle_deg = 0, wall_s = 0;
  bool accepted = false;
};

struct WayResult {
  std::string way;
  std::vector<WayPoint> course;  ///< the first is the start (learned: its only one is the end)
  std::vector<double> speed;     ///< the end
  double wall_s = 0;             ///< to the end, everything included
  double misfit_ratio = 0;       ///< by the wave equation, to that of the deck's start
  std::vector<GateLook> looks;   ///< learned_forward
  int learned_iterations = 0, iterations = 0;
  std::string ended;  ///< why its inversion did, stage by stage; empty: it has none
};

/// The learned maps that the ways need; null where there are none.
struct LearnedMaps {
  std::shared_ptr<const surrogates::ArrayMap> inversion, forward;
};

/// Runs one way on a problem whose truth is known (it is looked at for the errors only, outside of the
/// timed parts). `before`: ways that were run on this problem; the learned inversion among them is the
/// hybrid's start, with its time, so that the times add up. Collective.
template <class Real>
WayResult run_way(const std::string& way, const SeismicJob& job, const InversionProblem& problem,
                  const LearnedMaps& maps, const std::vector<WayResult>& before = {});

}  // namespace understudy::apps::seismic
