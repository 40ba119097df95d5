// The keys of `training:` and `gate:` in decks of points.
#include "core/seeds.hpp"
#include "surrogates/points/point_training.hpp"

namespace understudy::surrogates {

PointTrainingParams::PointTrainingParams() {
  epochs = 200;
  batch = 256;
  learning_rate = 3e-3;
  weight_decay = 1e-6;
  ema_decay = 0.99;
  validate_every = 10;
  checkpoint_every = 20;
}

void PointTrainingParams::describe(core::ParamVisitor& v) {
  v.integer("members", members, {.at_least = 1, .at_most = 64},
            "networks of the ensemble, trained from different seeds; their disagreement is a gate");
  describe_descent(
      v, {.epochs = "passes over the training points, each member",
          .batch = "points per step",
          .largest_batch = 1048576,
          .max_time_s = "the schedules are shortened so that all members end by this wall time; "
                        "0: no limit"});
  describe_average(v);
  describe_validation(v);
  describe_checkpoints(v);
  describe_threads(v);
  v.integer("seed", seed, {}, "seed of weights, order and split");
  v.real("validation_fraction", validation_fraction, {.above = 0, .below = 0.9}, "",
         "fraction of the points that choose the best weights");
}

TrainingParams PointTrainingParams::training(int member) const {
  TrainingParams p;
  static_cast<ScheduleParams&>(p) = *this;
  p.max_time_s = max_time_s / members;
  p.noise = 0;
  p.unroll = {1};
  p.unroll_fractions = {};
  p.seed = core::shifted_seed(core::scaled_seed(seed, 1000), member);
  return p;
}

void PointCalibrationParams::describe_quantile(core::ParamVisitor& v, const char* help) {
  v.real("quantile", quantile, {.above = 0, .below = 1}, "", help);
}

void PointCalibrationParams::describe_distance(core::ParamVisitor& v, const char* reference_help) {
  v.integer("neighbours", neighbours, {.at_least = 1, .at_most = 32},
            "nearest reference points whose mean distance counts");
  v.integer("reference_points", reference_points, {.at_least = 1, .at_most = 20000},
            reference_help);
}

void PointGateParams::describe(core::ParamVisitor& v) {
  describe_quantile(
      v,
      "fraction of points like the calibration points that each gate is to accept (split "
      "conformal quantile)");
  v.real("calibration_fraction", calibration_fraction, {.at_least = 0, .below = 0.9}, "",
         "fraction of the points set aside for the gate's thresholds; 0: no calibration, and the "
         "model's gate can only check the range");
  describe_distance(v, "training points kept with the model for the distance, drawn by seed");
}

}  // namespace understudy::surrogates
