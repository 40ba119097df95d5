// Trajectories, normalised: in memory, or read as training goes on (private to surrogates/).
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/torch_frame_stream.hpp"
#include "surrogates/network/network_blocks.hpp"
#include "surrogates/training/training_memory.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

struct Trajectory {
  at::Tensor
      values;  ///< [frames, channel, (z,) (y,) x], (value - mean) / std; undefined where streamed
  at::Tensor fixed;        ///< [fixed, (z,) (y,) x]
  at::Tensor parameters;   ///< [parameter], (value - mean) / std
  at::Tensor weights;      ///< [(z,) (y,) x]: the cells' measures over their mean; undefined: alike
  int sample = 0;          ///< of the reader
  std::int64_t first = 0;  ///< frame of the sample that comes first here
  double start_s = 0;      ///< its time
  /// Where it is streamed: so many frames, its number for the stream, and the stream.
  std::int64_t count = 0;
  int number = 0;
  std::shared_ptr<FrameStream> stream = nullptr;

  std::int64_t frames() const { return stream ? count : values.size(0); }
  /// [channel, (z,) (y,) x]; of a stream best in the order that was announced.
  at::Tensor frame(std::int64_t n) const;
  FrameStream::Key key(std::int64_t n) const { return {number, n}; }
};

struct TrainingData {
  std::vector<Trajectory> train, valid;
  ModelCard card;    ///< what the data say of it: fields, parameters, grid, window, hash
  at::Tensor scale;  ///< [1, channel, 1...]: increment_std / std; 0 of a constant channel
  /// Where frames are read as they are wanted: what reads them, and what they may take.
  std::shared_ptr<FrameStream> stream = nullptr;
  SampleMemory memory = {};
  /// Where ranks share samples: of these frames, masks and weights are this rank's block.
  std::optional<NetworkBlocks> blocks = {};
  double prepared_bytes = 0;  ///< read of the files until now, by no stream
  double bytes_read() const { return prepared_bytes + (stream ? stream->bytes_read() : 0); }
};

/// What a network for these data sees and makes.
NetworkShape network_shape(const DatasetReader& reader, const NetworkParams& network);

/// Reads every training and held-out sample (UserError naming one that is too short) and fits the normalisation to the training samples. For a network
/// that corrects, frames, masks and card are those of the coarse grid (means as in mesh/nested_grids.hpp).
/// `memory` streamed: every sample is read once, a channel at a time, and none is kept; cards, scale and frames are
/// bitwise those of data in memory.
/// `blocks`: each rank of a group holds its own block of the cells (sample_blocks.hpp) and no more, and normalisation
/// is over all of them. Collective over their ranks, and a UserError on one is thrown on all.
TrainingData load_training_data(const DatasetReader& reader, const TrainingParams& params,
                                const NetworkParams& network, const SampleMemory& memory = {},
                                const std::optional<NetworkBlocks>& blocks = {});

/// Values of a sample's file by `read`; where it fails, or what it gives cannot be trusted, because the file changed
/// or is gone, a UserError says so.
std::vector<float> read_unchanged(const DatasetReader& reader, int sample,
                                  const std::function<std::vector<float>()>& read);
/// UserError naming dataset and sample unless all are finite.
void require_finite(const DatasetReader& reader, int sample, const std::vector<float>& values);

/// Constant channels beside the state: [batch, fixed + parameters, (z,) (y,) x].
at::Tensor conditions(const std::vector<const Trajectory*>& of);

/// A sequence of windows: a trajectory and its first frame.
struct Sequence {
  int trajectory = 0;
  std::int64_t first = 0;
};

}  // namespace understudy::surrogates
