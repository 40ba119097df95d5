// Where a training stands, and its checkpoint (private to surrogates/): a training that goes on from one is
// bitwise the training that was not stopped.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/params_text.hpp"
#include "surrogates/training/torch_optimiser.hpp"
#include "surrogates/training/training_record.hpp"

namespace understudy::surrogates {

/// The loop's own counters: with the Trainer's tensors, everything that a resumed training needs.
struct TrainingState {
  long long epoch = 0;             ///< epochs completed
  long long batch = 0;             ///< batches done in this epoch
  int unroll = 1;                  ///< of this epoch
  long long batches_in_epoch = 0;  ///< of this epoch
  double loss_sum = 0;             ///< of this epoch so far
  double elapsed_s = 0;            ///< earlier runs included
  double prepared_s = 0;           ///< before the loop, earlier runs included
  double core_s = 0;               ///< held until now, earlier runs included
  double best_score = -1;          ///< none yet
  long long windows_trained = 0;
  long long stale = 0;  ///< validations since the best one
  std::vector<EpochRecord> curve;
  at::Tensor best;  ///< the weights of best_score, flat
};

/// Whose checkpoint it is.
struct TrainingOwner {
  std::string identity;  ///< a checkpoint of another one is refused
  std::string git;       ///< the commit whose training this is
  core::Comm comm;
  RenamedKeys renamed = {};  ///< in identities of earlier versions
};

/// UserError when it cannot be written. Rank 0 only.
void write_checkpoint(const std::filesystem::path& file, const TrainingOwner& owner,
                      const TrainingState& state, const Optimiser& optimiser);

/// Sets state and optimiser to the checkpoint's, and returns the commit that wrote it; warns where that is
/// another, or the number of ranks is. UserError for a checkpoint of another training. Collective.
std::string read_checkpoint(const std::filesystem::path& file, const TrainingOwner& owner,
                            TrainingState& state, Optimiser& optimiser);

}  // namespace understudy::surrogates
