#include "surrogates/points/point_training.hpp"

namespace understudy::surrogates {

void PointTrainingParams::describe(core::ParamVisitor& v) {
  v.integer("members", members, {.at_least = 1, .at_most = 64},
            "networks of the ensemble, trained from different seeds; their disagreement is a gate");
  v.integer("epochs", epochs, {.at_least = 1}, "passes over the training points, each member");
  v.real("max_time_s", max_time_s, {.at_least = 0}, "s",
         "the schedules are shortened so that all members end by this wall time; 0: no limit");
  v.integer("batch", batch, {.at_least = 1, .at_most = 1048576}, "points per step");
  v.real("learning_rate", learning_rate, {.at_most = 1, .above = 0}, "", "highest learning rate");
  v.real("warm_up", warm_up, {.at_least = 0, .at_most = 0.5}, "",
         "fraction of the training over which the rate rises from 0");
  v.real("final_rate", final_rate, {.at_least = 0, .at_most = 1}, "",
         "fraction of learning_rate at the end (cosine decay)");
  v.real("weight_decay", weight_decay, {.at_least = 0, .at_most = 1}, "", "AdamW's weight decay");
  v.real("gradient_clip", gradient_clip, {.at_least = 0}, "",
         "largest norm of the gradient; 0: no clipping");
  v.real("average_decay", average_decay, {.at_least = 0, .below = 1}, "",
         "decay of the moving average of the weights per step; 0: none");
  v.integer("validate_every", validate_every, {.at_least = 1}, "epochs between validations");
  v.integer("checkpoint_every", checkpoint_every, {.at_least = 1}, "epochs between checkpoints");
  v.integer("threads", threads, {.at_least = 0, .at_most = 4096},
            "threads while training; 0: the number that --threads or OMP_NUM_THREADS gives, else "
            "all cores of the rank");
  v.integer("seed", seed, {}, "seed of weights, order and split");
  v.real("validation_fraction", validation_fraction, {.above = 0, .below = 0.9}, "",
         "fraction of the points that choose the best weights");
}

TrainingParams PointTrainingParams::training(int member) const {
  TrainingParams p;
  p.epochs = epochs;
  p.max_time_s = max_time_s / members;
  p.batch = batch;
  p.learning_rate = learning_rate;
  p.warm_up = warm_up;
  p.final_rate = final_rate;
  p.weight_decay = weight_decay;
  p.gradient_clip = gradient_clip;
  p.noise = 0;
  p.unroll = {1};
  p.unroll_fractions = {};
  p.average_decay = average_decay;
  p.validate_every = validate_every;
  p.checkpoint_every = checkpoint_every;
  p.threads = threads;
  p.seed = seed * 1000 + member;
  return p;
}

void PointGateParams::describe(core::ParamVisitor& v) {
  v.real("quantile", quantile, {.above = 0, .below = 1}, "",
         "fraction of points like the calibration points that each gate is to accept (split "
         "conformal quantile)");
  v.real("calibration_fraction", calibration_fraction, {.at_least = 0, .below = 0.9}, "",
         "fraction of the points set aside for the gate's thresholds; 0: no calibration, and the "
         "model's gate can only check the range");
  v.integer("neighbours", neighbours, {.at_least = 1, .at_most = 32},
            "nearest reference points whose mean distance counts");
  v.integer("reference_points", reference_points, {.at_least = 1, .at_most = 20000},
            "training points kept with the model for the distance, drawn by seed");
}

}  // namespace understudy::surrogates
