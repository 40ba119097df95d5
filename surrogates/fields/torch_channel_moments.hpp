// Mean, spread and envelope of a channel over trajectories, from which its card is filled (private to
// surrogates/).
#pragma once

#include <ATen/core/Tensor.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/comm.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

/// A channel of one frame of a trajectory: float [(z,) (y,) x].
using ChannelFrame = std::function<at::Tensor(std::int64_t)>;

/// Sums in double precision. Of a trajectory they are over all its frames at once where these are `at_once` values or
/// less, and over blocks of so many frames where they are more, wherever the frames come from: the numbers are
/// bitwise the same for data in memory and in files. Each frame is asked for once, in order, and held until its block
/// is summed.
class ChannelMoments {
 public:
  static constexpr std::int64_t at_once = 1 << 24;
  /// What add() takes of a trajectory of so many frames of so many cells.
  static double bytes(double frames, double cells);

  struct Extent {
    std::int64_t frames = 0, cells = 0;
  };
  /// `weights` [(z,) (y,) x]: of the cells, undefined where they are alike.
  void add(const ChannelFrame& frame, const Extent& extent, const at::Tensor& weights);
  /// Adds those of the other ranks, which have other cells, of each channel: in the order of ranks, so that all groups
  /// of ranks have the same bits. Collective.
  static void add_ranks(std::vector<ChannelMoments>& of_channels, const core::Comm& comm);
  /// mean, std, increment_std, lowest, highest.
  void fill(FieldCard& card) const;

 private:
  void add(const ChannelMoments& other);
  double count_ = 0, sum_ = 0, squares_ = 0, increment_count_ = 0, increment_squares_ = 0;
  double lowest_ = INFINITY, highest_ = -INFINITY;
};

}  // namespace understudy::surrogates
