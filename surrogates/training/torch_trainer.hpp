// What the training loop trains (private to surrogates/): a network, its data and its optimiser, which can
// be saved and restored exactly. Nothing random is kept: order and noise are functions of seed, epoch,
// step and place in the batch, whatever the number of ranks.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/torch_gradient_buckets.hpp"
#include "surrogates/training/torch_optimiser.hpp"

namespace understudy::surrogates {

/// One step of the schedule.
struct StepPlan {
  int unroll = 1;
  double rate = 0;
  double progress = 0;  ///< of the whole training, in [0, 1]
};

/// While one lives, memory that tensors give back stays with the process for the next ones: glibc would
/// return blocks of more than 32 MiB to the system each time, and touching them anew costs page faults
/// in every step.
class KeptMemory {
 public:
  KeptMemory();
  ~KeptMemory();
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;
};

/// An error as a score among others: large where it is not finite.
double bounded_error(double error);

class Trainer {
 public:
  virtual ~Trainer() = default;
  /// Number of training sequences of `unroll` windows.
  virtual std::int64_t sequences(int unroll) const = 0;
  /// The steps that come take these sequences, `batch` a step, in this order: what they want may be read ahead.
  virtual void expect(std::span<const std::int64_t> /*sequences*/, std::size_t /*batch*/,
                      int /*unroll*/) {}
  /// Trains on the sequences of these indices (each in [0, sequences(unroll))); returns the loss of the
  /// whole batch. Collective: every rank is given the whole batch and takes its share() of it.
  virtual double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) = 0;
  /// What the best weights have least of, on held-out data with the given trained weights, flat; finite.
  /// Collective; the same on all ranks.
  virtual double error(const at::Tensor& flat) const = 0;
  /// The data alone determine the model: nothing is left to train by steps.
  virtual bool closed_form() const { return false; }
  /// The network has the best weights, which are given, too: what is yet to be measured on them, as a part
  /// of the training that its account includes. Collective.
  virtual void finish(const at::Tensor&) {}

  Network network;
  Optimiser optimiser;
  /// Beside network and training parameters, all that a checkpoint must have been made by: the data, their
  /// split. Compared as a text.
  const std::string& identity() const { return identity_; }
  const core::Comm& comm() const { return comm_; }

 protected:
  Trainer(Network n, std::string identity, const TrainingParams& params,
          const core::Comm& comm = core::Comm::self());
  /// This rank's items of `count`, those of all ranks of its group (training.ranks_per_sample): consecutive, as even
  /// as can be; none where there are more groups.
  struct Share {
    std::size_t first = 0, count = 0;
  };
  Share share(std::size_t count) const;
  /// One step of the optimiser down the gradient of the sum over ranks of `part` (undefined on a rank
  /// without a share); returns that sum. RunError on all ranks when it is not finite. Collective.
  double descend(const at::Tensor& part, double rate);

  TrainingParams params_;

 private:
  KeptMemory memory_;
  std::string identity_;
  core::Comm comm_;
  GradientBuckets buckets_;
};

}  // namespace understudy::surrogates
