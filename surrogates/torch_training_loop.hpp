// The training loop (private to surrogates/): schedule, checkpoints, loss curve, signals and time limit
// of a Trainer, whatever it trains.
#pragma once

#include <memory>

#include "surrogates/torch_trainer.hpp"
#include "surrogates/training.hpp"

namespace understudy::surrogates {

/// Trains to the end of the schedule on LibTorch's present threads. `ranks`: held by this training. Interrupted on a signal, after a
/// checkpoint; UserError for a checkpoint of another training.
TrainingReport run_training(std::unique_ptr<Trainer> trainer, const TrainingSetup& setup,
                            int ranks);

}  // namespace understudy::surrogates
