// How a network is trained; surrogates/fields/training.hpp says what the numbers mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/training/schedule_params.hpp"

namespace understudy::surrogates {

/// The deck's `training:` section.
struct TrainingParams : ScheduleParams {
  double noise = 0.1;  ///< std of input noise, in units of that of each field's increment
  std::string precision = "float32";    ///< of the network while training: float32, bfloat16, auto
  std::vector<long long> unroll{1, 2};  ///< windows per training sequence, one entry a phase
  std::vector<double> unroll_fractions{0.5};  ///< where each phase but the last ends (of the whole)
  int rollout_windows = 40;                   ///< length of the validation rollout
  int rollout_starts = 2;                     ///< rollouts per held-out sample, evenly spaced
  int patience = 0;               ///< validations without a better rollout; 0: to the end
  int skip_windows = 0;           ///< frames left out at each sample's start (transients)
  int members = 1;                ///< networks trained from different seeds (gate disagreement)
  bool through_solver = true;     ///< correction: the gradient passes through the solver
  double solver_memory_mb = 256;  ///< correction: what one recorded advance may keep
  double memory_gb = 0;      ///< what a rank's samples may take; more is streamed; 0: what is free
  int ranks_per_sample = 1;  ///< ranks of a group, which share a sample by blocks of its cells
  long long seed = 1;
  void describe(core::ParamVisitor& v);
};

/// Frames of an only sample that are trained on: its last fifth is held out.
inline long long before_last_fifth(long long frames) { return frames * 4 / 5; }

/// Frames that each training sample must have, those that are skipped not counted: more than one sequence of the
/// longest unroll; of an `only` sample also what is held out.
long long least_frames(const TrainingParams& params, bool only);
/// And a held-out one: a start and what follows it.
inline constexpr long long least_held_out_frames = 2;

/// First frames of the validation rollouts over `windows` windows in a sample of `frames` frames: rollout_starts of
/// them, evenly spaced, or fewer where there are no more.
std::vector<std::int64_t> first_frames_of_rollouts(const TrainingParams& params, long long frames,
                                                   long long windows);

}  // namespace understudy::surrogates
