// From the files' values to normalised frames, in memory or streamed (private to torch_training_*.cpp).
#pragma once

#include "surrogates/fields/torch_training_data.hpp"

namespace understudy::surrogates {

/// Where the values come from, and what a network makes of them before it learns.
struct FrameSource {
  const DatasetReader& reader;
  NetworkParams network;
  int axes = 2;
  mesh::Range3 cells;  ///< that are read: all, or this rank's block
  mutable double bytes_read =
      0;  ///< of frames' values, by the functions below but for the stream's reading
};

/// All of a sample but its values, from frame `skip`.
Trajectory open_trajectory(const FrameSource& from, int sample, int skip, const ModelCard& card);
/// And those, not yet normalised.
void read_values(const FrameSource& from, const ModelCard& card, Trajectory& t);
/// A channel of one of its frames, not normalised: [(z,) (y,) x].
at::Tensor read_channel(const FrameSource& from, const Trajectory& t, std::int64_t frame,
                        const std::vector<FieldCard>& cards, std::size_t channel);
/// UserError where a frame is not finite, before training comes to it.
void look_through(const FrameSource& from, const std::vector<Trajectory>& trajectories);

/// All values in memory, by the card.
void normalise(TrainingData& data);
/// Gives the trajectories numbers and a stream that normalises them by the card.
void stream_frames(const FrameSource& from, TrainingData& data);

}  // namespace understudy::surrogates
