#include "surrogates/training/training_params.hpp"

#include "core/format.hpp"

namespace understudy::surrogates {

void TrainingParams::describe(core::ParamVisitor& v) {
  v.integer("epochs", epochs, {.at_least = 1}, "passes over the training windows");
  v.real(
      "max_time_s", max_time_s, {.at_least = 0}, "s",
      "the schedule is shortened to end by this wall time; 0: no limit. With a limit the weights "
      "depend on the machine's speed");
  v.integer("batch", batch, {.at_least = 1, .at_most = 4096}, "training sequences per step");
  v.real("learning_rate", learning_rate, {.at_most = 1, .above = 0}, "", "highest learning rate");
  v.real("warm_up", warm_up, {.at_least = 0, .at_most = 0.5}, "",
         "fraction of the training over which the rate rises from 0");
  v.real("final_rate", final_rate, {.at_least = 0, .at_most = 1}, "",
         "fraction of learning_rate at the end (cosine decay)");
  v.real("weight_decay", weight_decay, {.at_least = 0, .at_most = 1}, "", "AdamW's weight decay");
  v.real("gradient_clip", gradient_clip, {.at_least = 0}, "",
         "largest norm of the gradient; 0: no clipping");
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
  v.real("average_decay", average_decay, {.at_least = 0, .below = 1}, "",
         "decay of the moving average of the weights per step; 0: none");
  v.integer("rollout_windows", rollout_windows, {.at_least = 1},
            "length of the rollouts that choose the best weights");
  v.integer("rollout_starts", rollout_starts, {.at_least = 1},
            "rollouts on each held-out sample, evenly spaced");
  v.integer("validate_every", validate_every, {.at_least = 1}, "epochs between validations");
  v.integer("patience", patience, {.at_least = 0},
            "the training stops after so many validations in a row without a better rollout; 0: it "
            "goes on to its end");
  v.integer("checkpoint_every", checkpoint_every, {.at_least = 1}, "epochs between checkpoints");
  v.integer("skip_windows", skip_windows, {.at_least = 0},
            "frames left out at the start of each sample");
  v.integer("threads", threads, {.at_least = 0, .at_most = 4096},
            "threads while training; 0: the number that --threads or OMP_NUM_THREADS gives, else "
            "all cores of the rank");
  v.integer("members", members, {.at_least = 1, .at_most = 32},
            "networks trained from different seeds; the first stands in, and swap.gate's "
            "disagreement compares it with the others");
  v.integer("seed", seed, {}, "seed of weights, order and noise");
}

}  // namespace understudy::surrogates
