// What any training is asked for, and what it says of itself at its end, whatever it trains: fields, points
// or arrays.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/provenance.hpp"
#include "core/traffic.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

/// Where a training keeps itself. `checkpoint`: exact resume (deleted at the end by the caller, if
/// at all); `curve`: CSV. Empty: none.
struct TrainingFiles {
  std::filesystem::path checkpoint, curve;
  bool resume = false;  ///< continue from the checkpoint if it is there
  long long pause_after_steps =
      0;  ///< stop after so many steps of this call, as a signal does; 0: never
};

/// What a training is asked for.
struct TrainingSetup {
  NetworkParams network;
  TrainingParams training;
  TrainingFiles files{};
  core::Provenance provenance{};  ///< goes into the card
};

/// One line of the loss curve.
struct EpochRecord {
  long long epoch = 0;
  int unroll = 1;
  double learning_rate = 0, loss = 0;
  double validation = -1;  ///< the error that is minimised; -1: not measured in this epoch
  double wall_s = 0;       ///< since the start of training, earlier runs included
};

/// What a training took, and how it went.
struct TrainingRecord {
  std::vector<EpochRecord> curve;
  long long epochs = 0, steps = 0;  ///< done; earlier, resumed parts included
  std::string git;                  ///< the commit whose training this is
  double wall_s = 0;                ///< earlier, resumed parts included
  double core_s = 0;  ///< wall time of each part times the ranks and threads that it held
  int threads = 1;    ///< of this rank
  int ranks = 1;
  int ranks_per_sample = 1;           ///< TrainingParams'
  std::string precision = "float32";  ///< float32 or bfloat16
  double peak_memory_bytes = 0;       ///< of the processes of all ranks, reading the data included
  double peak_memory_bytes_per_rank = 0;  ///< of the rank that held most
  bool ended_by_time = false, ended_by_patience = false;
  long long steps_here = 0;  ///< of this call alone, as the next two
  double steps_s = 0;        ///< wall time of its steps, validations and files left out
  core::Traffic sent{};      ///< in these steps, by this rank
  double samples_per_s = 0;  ///< windows (of fields), points or arrays trained a second
};

/// A training that a signal stopped, after a checkpoint and at least one validation: its network has the
/// best weights until then.
class TrainingStopped : public core::Interrupted {
 public:
  TrainingStopped(const core::Interrupted& stop, TrainingRecord until_then)
      : core::Interrupted(stop), record(std::move(until_then)) {}
  TrainingRecord record;
};

/// Is `precision` auto: bfloat16 where all ranks have hardware for it, else float32. Collective.
std::string training_precision(const std::string& precision, const core::Comm& comm);

}  // namespace understudy::surrogates
