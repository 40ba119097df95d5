// Training: the network predicts the increment over one window, in units of the increments'
// standard deviation; the loss is its mean square over `unroll` windows, backpropagated through all
// of them (curriculum: 1, then more), from states with a little noise added, so that a rollout
// learns to return from its own errors (Sanchez-Gonzalez et al. 2020; Brandstetter et al. 2022).
// AdamW (Loshchilov & Hutter 2019), warm-up and cosine decay, gradient clipping, an exponential
// moving average of the weights. The weights kept are those with the best rollout on the held-out
// samples (split `valid`; without one, the last training sample is held out).
//
// On several ranks (data-parallel, synchronous): each rank has all data and weights and takes its share
// of every batch; the shares' gradients, weighted by their sizes, are summed over the ranks in buckets
// while the backward pass goes on (torch_gradient_buckets.hpp), and all ranks make the same step. N
// ranks follow one rank with the same batch to round-off: order, noise and the shares depend on the
// batch and not on N. Ranks beyond the batch's size have nothing to do. Validation rollouts are shared
// out in the same way. A signal or a loss that is not finite on any rank stops all.
//
// Deterministic by seed for given numbers of ranks and threads; a run that was stopped and resumed on
// the same is bitwise the uninterrupted one. The cost counts what the training holds: wall time x
// threads of all ranks, reading the data and the last validation included.
//
// A network that corrects (network.kind correction) sees what the deck's solver made on the coarse grid of the
// window's start, and its loss, in units of what that solver lost in a window of the training samples, is that of
// the corrected and constrained state. With `through_solver` the gradient of an unrolled sequence passes through
// the solver, by its exact discrete adjoint, and so through all earlier corrections (Um et al. 2020; List, Chen &
// Thuerey 2022); without, each correction learns from its own window only.
//
// Networks are trained on the solver's device where LibTorch works there, else on the CPU.
#pragma once

#include <functional>
#include <memory>

#include "core/comm.hpp"
#include "core/error.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/training/training_memory.hpp"
#include "surrogates/training/training_record.hpp"

namespace understudy::surrogates {

struct TrainingReport : TrainingRecord {
  FieldModel model;       ///< with the best weights; its card is complete
  bool streamed = false;  ///< samples were read as training went on, not held in memory
  double bytes_read = 0;  ///< of their values, by all ranks in this call
};

/// The deck's solver on the coarse grid of a network that corrects, on this rank alone; the state is for its use.
struct CoarseSolver {
  std::shared_ptr<solvers::Stepper<double>> stepper;
  std::shared_ptr<mesh::State<double>> state;
};
/// With the parameters of a sample. Each rank makes its own.
using MakeCoarseSolver = std::function<CoarseSolver(const SampleInfo&)>;

/// A training that a signal stopped, after a checkpoint and at least one validation: with the best model
/// until then.
class TrainingInterrupted : public core::Interrupted {
 public:
  TrainingInterrupted(const core::Interrupted& stop, TrainingReport so_far)
      : core::Interrupted(stop), report(std::move(so_far)) {}
  TrainingReport report;
};

/// What a network for these data sees and makes, and how many frames of it train() holds in memory.
struct TrainingExtent {
  NetworkShape shape;  ///< cells: of the network's own grid
  double frames = 0;
  double samples = 0, longest = 0;  ///< that have these frames; the frames of the longest one
  bool measured = false;            ///< the files say what each cell measures
};
TrainingExtent training_extent(const DatasetReader& data, const TrainingSetup& setup);

/// What train() takes of each of so many ranks' memory at least. Samples that are more than the limit
/// (training.memory_gb) or than what is free are streamed: frames are read from the files a little ahead of the steps
/// that want them, by a thread of their own (torch_frame_stream.hpp). Weights, card and curve are bitwise those of
/// samples in memory; of `pod` and `dmd` modes are then found in passes over the frames (torch_streamed_basis.hpp),
/// and are others to round-off and to what these passes leave: of these the limit alone says which way it is, and
/// not what is free. Where ranks share samples it is of this rank's blocks. conv_autoencoder goes over all frames at once and is
/// not streamed. What neither way fits is refused.
TrainingNeeds training_needs(const TrainingExtent& extent, const TrainingSetup& setup, int ranks);

/// Collective over `comm`; the model is on every rank. UserError when the data do not serve (too
/// few frames, another grid, a size that the network does not take, more than the memory holds); Interrupted on a signal, after a
/// checkpoint, as TrainingInterrupted where there is a model to keep. `coarse`: wanted by networks that correct.
TrainingReport train(const DatasetReader& data, const TrainingSetup& setup, const core::Comm& comm,
                     const MakeCoarseSolver& coarse = {});

}  // namespace understudy::surrogates
