// Trajectories in memory, normalised, and batches of sequences from them (private to surrogates/).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

struct Trajectory {
  at::Tensor values;       ///< [frames, channel, (z,) (y,) x], (value - mean) / std
  at::Tensor fixed;        ///< [fixed, (z,) (y,) x]
  at::Tensor parameters;   ///< [parameter], (value - mean) / std
  at::Tensor weights;      ///< [(z,) (y,) x]: the cells' measures over their mean; undefined: alike
  int sample = 0;          ///< of the reader
  std::int64_t first = 0;  ///< frame of the sample that comes first here
  double start_s = 0;      ///< its time
  std::int64_t frames() const { return values.size(0); }
};

struct TrainingData {
  std::vector<Trajectory> train, valid;
  ModelCard card;    ///< what the data say of it: fields, parameters, grid, window, hash
  at::Tensor scale;  ///< [1, channel, 1...]: increment_std / std; 0 of a constant channel
};

/// What a network for these data sees and makes.
NetworkShape network_shape(const DatasetReader& reader, const NetworkParams& network);

/// Reads every training and held-out sample and fits the normalisation to the training samples. For a network
/// that corrects, frames, masks and card are those of the coarse grid (means as in mesh/nested_grids.hpp).
TrainingData load_training_data(const DatasetReader& reader, const TrainingParams& params,
                                const NetworkParams& network);

/// Constant channels beside the state: [batch, fixed + parameters, (z,) (y,) x].
at::Tensor conditions(const std::vector<const Trajectory*>& of);

/// A sequence of windows: a trajectory and its first frame.
struct Sequence {
  int trajectory = 0;
  std::int64_t first = 0;
};

}  // namespace understudy::surrogates
