#include "surrogates/training/schedule_params.hpp"

namespace understudy::surrogates {

void ScheduleParams::describe_descent(core::ParamVisitor& v, const Samples& samples) {
  v.integer("epochs", epochs, {.at_least = 1}, samples.epochs);
  v.real("max_time_s", max_time_s, {.at_least = 0}, "s", samples.max_time_s);
  v.integer("batch", batch, {.at_least = 1, .at_most = samples.largest_batch}, samples.batch);
  v.real("learning_rate", learning_rate, {.at_most = 1, .above = 0}, "", "highest learning rate");
  v.renamed("warm_up", "warmup_fraction");
  v.real("warmup_fraction", warmup_fraction, {.at_least = 0, .at_most = 0.5}, "",
         "fraction of the training over which the rate rises from 0");
  v.renamed("final_rate", "final_lr_fraction");
  v.real("final_lr_fraction", final_lr_fraction, {.at_least = 0, .at_most = 1}, "",
         "fraction of learning_rate at the end (cosine decay)");
  v.real("weight_decay", weight_decay, {.at_least = 0, .at_most = 1}, "", "AdamW's weight decay");
  v.real("gradient_clip", gradient_clip, {.at_least = 0}, "",
         "largest norm of the gradient; 0: no clipping");
}

void ScheduleParams::describe_average(core::ParamVisitor& v) {
  v.renamed("average_decay", "ema_decay");
  v.real("ema_decay", ema_decay, {.at_least = 0, .below = 1}, "",
         "decay of the moving average of the weights per step; 0: none");
}

void ScheduleParams::describe_validation(core::ParamVisitor& v) {
  v.integer("validate_every", validate_every, {.at_least = 1}, "epochs between validations");
}

void ScheduleParams::describe_checkpoints(core::ParamVisitor& v) {
  v.integer("checkpoint_every", checkpoint_every, {.at_least = 1}, "epochs between checkpoints");
}

void ScheduleParams::describe_threads(core::ParamVisitor& v) {
  v.integer("threads", threads, {.at_least = 0, .at_most = 4096},
            "threads while training; 0: the number that --threads or OMP_NUM_THREADS gives, else "
            "all cores of the rank");
}

}  // namespace understudy::surrogates
