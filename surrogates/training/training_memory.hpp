// What a training takes of a rank's memory at least, before any of it is allocated. A lower bound: layers'
// values are counted where the network's kind says how many there are, LibTorch's own and the validation's
// are not.
#pragma once

#include <string>
#include <vector>

#include "core/comm.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

/// Bytes of one rank.
struct TrainingNeeds {
  double samples = 0;  ///< as they are trained on, in the host's memory
  double weights = 0;  ///< with their gradient and what the optimiser keeps
  double batch = 0;    ///< of this rank's share of a batch: what a step keeps for its gradient
  std::string fewer_samples = "fewer samples";  ///< keys that make `samples` smaller
  std::string smaller_network = "a smaller network (network)";
  bool alone = false;  ///< one rank of the machine trains, and the others wait
  double limit = 0;    ///< of what samples may take (training.memory_gb); 0: none
  /// Streamed samples make other weights, so that the limit alone says whether they are, whatever is free.
  bool limit_decides = false;
  double streamed =
      0;  ///< what they take at least where they are read as they are wanted; 0: they cannot be
  std::string why_streamed = {};  ///< what `streamed` is of, or why it cannot be
  std::string smaller_share =
      {};  ///< what makes all a rank has of samples and batch smaller; empty: nothing
  double bytes() const { return samples + weights + batch; }
};

/// How a rank holds the samples: all of them, or those that a step wants, in so many bytes.
struct SampleMemory {
  bool streamed = false;
  double bytes = 0;
};
/// Frames that streamed samples may hold, beside `held` bytes for what each sample has once and the frames that are
/// being read and prepared; at least one.
std::size_t frames_that_fit(const SampleMemory& memory, double held, double frame_bytes);
inline constexpr double frames_under_way = 3;

class Architecture;
/// weights: a float32 each, and for those that training changes gradient, its mean and square, the moving
/// average and the decay's mask.
double training_bytes_of_weights(const Architecture& architecture);

/// Numbers that one call of a network of fields on `cells` keeps for its gradient at least: what goes in and
/// comes out, and the values of the layers on the finest level (unet: the inputs of four convolutions; fno,
/// correction: of each layer).
double values_kept(const NetworkParams& network, const NetworkShape& shape,
                   const std::vector<long long>& cells);

/// In memory where all samples fit into the limit and into what is free on every rank; else streamed, where they can
/// be (and where the limit decides, only if they are more than it). UserError on all ranks where neither fits, naming
/// the largest part and what makes it smaller, or the limit that would do. Collective; the same on all ranks.
SampleMemory require_training_fits(const TrainingNeeds& needs, const core::Comm& comm);

}  // namespace understudy::surrogates
