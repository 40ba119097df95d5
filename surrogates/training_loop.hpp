// The training loop (private to surrogates/): schedule, checkpoints, loss curve, signals and time limit
// of a Trainer, whatever it trains.
#pragma once

#include <memory>

#include "surrogates/training.hpp"

namespace understudy::surrogates {

class Trainer;

/// Trains to the end of the schedule on LibTorch's present threads and on the ranks of the trainer's
/// communicator: time, signals, errors and the best weights are agreed by all, rank 0 writes the files.
/// Collective; the report is the same on all ranks. Interrupted on a signal, after a checkpoint;
/// UserError for a checkpoint of another training, RunError where the ranks' weights have come apart.
TrainingReport run_training(std::unique_ptr<Trainer> trainer, const TrainingSetup& setup);

}  // namespace understudy::surrogates
