// The training loop (private to surrogates/): schedule, checkpoints, loss curve, signals and time limit
// of a Trainer, whatever it trains.
#pragma once

#include "surrogates/training/training_record.hpp"

namespace understudy::surrogates {

class Trainer;

/// Trains to the end of the schedule on LibTorch's present threads and on the ranks of the trainer's
/// communicator: time, signals, errors and the best weights are agreed by all, rank 0 writes the files. The
/// trainer's network then has the best weights. Collective; the record is the same on all ranks. Interrupted
/// on a signal, after a checkpoint; TrainingStopped if there are best weights by then; UserError for a
/// checkpoint of another training, RunError where the ranks' weights have come apart.
/// `prepared_s`: wall time already spent on the trainer, for the account; a resumed training adds it up.
TrainingRecord run_training(Trainer& trainer, const TrainingSetup& setup, double prepared_s = 0);

}  // namespace understudy::surrogates
