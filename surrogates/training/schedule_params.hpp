// The part of a `training:` section that every training has: how the optimiser descends, how often it is
// looked at, and on how many threads. Sections own these keys flat, beside keys of their own.
#pragma once

#include "core/params.hpp"

namespace understudy::surrogates {

struct ScheduleParams {
  int epochs = 40;
  double max_time_s = 0;  ///< the schedule is shortened to end by this wall time; 0: no limit
  int batch = 8;
  double learning_rate = 2e-3;
  double warmup_fraction = 0.05;    ///< fraction of the steps over which the rate rises from 0
  double final_lr_fraction = 0.01;  ///< fraction of learning_rate at the end
  double weight_decay = 1e-4;
  double gradient_clip = 1;  ///< largest norm; 0: none
  double ema_decay = 0.995;  ///< of the moving average of the weights; 0: none
  int validate_every = 5;    ///< epochs
  int checkpoint_every = 5;  ///< epochs
  int threads = 0;           ///< while training; 0: core::Runtime::most_threads()

 protected:
  /// What a section says of its samples, and how many of them a step may take.
  struct Samples {
    const char *epochs, *batch;  ///< help of these keys
    double largest_batch = 4096;
    const char* max_time_s =
        "the schedule is shortened to end by this wall time; 0: no limit. With a limit the weights "
        "depend on the machine's speed";
  };
  /// epochs, max_time_s, batch, learning_rate, warmup_fraction, final_lr_fraction, weight_decay,
  /// gradient_clip.
  void describe_descent(core::ParamVisitor& v, const Samples& samples);
  void describe_average(core::ParamVisitor& v);
  void describe_validation(core::ParamVisitor& v);
  void describe_checkpoints(core::ParamVisitor& v);
  void describe_threads(core::ParamVisitor& v);
};

}  // namespace understudy::surrogates
