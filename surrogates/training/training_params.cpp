#include "surrogates/training/training_params.hpp"

#include <algorithm>

#include "core/format.hpp"

namespace understudy::surrogates {

void TrainingParams::describe(core::ParamVisitor& v) {
  describe_descent(
      v, {.epochs = "passes over the training windows", .batch = "training sequences per step"});
  v.real(
      "noise", noise, {.at_least = 0, .at_most = 10}, "",
      "standard deviation of the noise on training inputs, in units of that of each field's change "
      "over one window");
  v.choice("precision", precision, {"float32", "bfloat16", "auto"},
           "precision of the network while training; weights and optimiser are float32 always. "
           "bfloat16 is faster only on processors that have it; auto takes it where all ranks' "
           "processors say that they do (AMX or AVX512-BF16; a GPU), without measuring");
  v.integers("unroll", unroll, 0, {.at_least = 1, .at_most = 32},
             "windows per training sequence, one entry for each phase of the training");
  v.reals("unroll_fractions", unroll_fractions, 0, {.above = 0, .below = 1}, "",
          "fraction of the training at which each phase but the last ends");
  v.require(!unroll.empty() && unroll_fractions.size() + 1 == unroll.size(), "unroll_fractions",
            core::format("has {} entries; unroll has {}, which wants one fewer",
                         unroll_fractions.size(), unroll.size()));
  describe_average(v);
  v.integer("rollout_windows", rollout_windows, {.at_least = 1},
            "length of the rollouts that choose the best weights");
  v.integer("rollout_starts", rollout_starts, {.at_least = 1},
            "rollouts on each held-out sample, evenly spaced");
  describe_validation(v);
  v.integer("patience", patience, {.at_least = 0},
            "the training stops after so many validations in a row without a better rollout; 0: it "
            "goes on to its end");
  describe_checkpoints(v);
  v.integer("skip_windows", skip_windows, {.at_least = 0},
            "frames left out at the start of each sample");
  describe_threads(v);
  v.flag(
      "through_solver", through_solver,
      "correction: the gradient of an unrolled sequence passes through the solver, by its adjoint; else "
      "each correction learns from its own window alone");
  v.real(
      "solver_memory_mb", solver_memory_mb, {.above = 0}, "MB",
      "correction: what the solver may keep of each window of each sequence for its adjoint; with less it "
      "computes steps again");
  v.real(
      "memory_gb", memory_gb, {.at_least = 0}, "GB",
      "what the samples may take of each rank's memory; where they are more, frames are read from the files as "
      "training goes on. 0: all are read into memory where they fit");
  v.integer(
      "ranks_per_sample", ranks_per_sample, {.at_least = 1},
      "unet, fno, pod, dmd on boxes: so many ranks share each sample by blocks of its cells, and such "
      "groups share the batch; it must divide the number of ranks");
  v.integer("members", members, {.at_least = 1, .at_most = 32},
            "networks trained from different seeds; the first stands in, and swap.gate's "
            "disagreement compares it with the others");
  v.integer("seed", seed, {}, "seed of weights, order and noise");
}

long long least_frames(const TrainingParams& params, bool only) {
  const long long longest = *std::ranges::max_element(params.unroll);
  if (!only) return longest + 2;
  long long frames = longest + 1 + least_held_out_frames;
  while (before_last_fifth(frames) < std::max(4LL, longest + 1) ||
         frames - before_last_fifth(frames) < least_held_out_frames)
    ++frames;
  return frames;
}

std::vector<std::int64_t> first_frames_of_rollouts(const TrainingParams& params, long long frames,
                                                   long long windows) {
  const long long room = std::max(0LL, frames - 1 - windows);
  const long long count = room > 0 ? std::min<long long>(params.rollout_starts, room + 1) : 1;
  std::vector<std::int64_t> starts;
  for (long long s = 0; s < count; ++s) starts.push_back(count > 1 ? room * s / (count - 1) : 0);
  return starts;
}

}  // namespace understudy::surrogates
