#include "surrogates/fields/torch_channel_moments.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace understudy::surrogates {

namespace {

// The sum of values [frames, (z,) (y,) x] times the weights; the values are the weighed ones after it.
double weighed_sum(const at::Tensor& values, const at::Tensor& weights) {
  if (weights.defined()) values.mul_(weights);
  return values.sum().item<double>();
}

}  // namespace

// A block as it was read, with the frame before it, and in double precision; a frame of each of two types, and weights.
double ChannelMoments::bytes(double frames, double cells) {
  const double block = std::min(frames * cells, std::max<double>(at_once, cells));
  return sizeof(double) * (block + 3 * cells) + sizeof(float) * (block + cells);
}

void ChannelMoments::add(const ChannelFrame& frame, const Extent& extent,
                         const at::Tensor& weights) {
  const std::int64_t block = std::max<std::int64_t>(1, at_once / extent.cells);
  std::vector<at::Tensor> read;  // of the block before its last frame, then those of this one
  for (std::int64_t first = 0; first < extent.frames; first += block) {
    const std::int64_t here = std::min(block, extent.frames - first);
    if (first > 0) read = {read.back()};
    for (std::int64_t n = 0; n < here; ++n) read.push_back(frame(first + n));
    const at::Tensor* const now = read.data() + (read.size() - static_cast<std::size_t>(here));
    std::vector<std::int64_t> shape = now->sizes().vec();
    shape.insert(shape.begin(), here);
    at::Tensor values = at::empty(shape, at::kDouble);
    const auto fill_in = [&] {
      for (std::int64_t n = 0; n < here; ++n) values.select(0, n).copy_(now[n]);
    };
    fill_in();
    count_ += static_cast<double>(values.numel());
    lowest_ = std::min(lowest_, values.min().item<double>());
    highest_ = std::max(highest_, values.max().item<double>());
    sum_ += weighed_sum(values, weights);
    if (weights.defined()) fill_in();
    squares_ += weighed_sum(values.square_(), weights);
    // Changes to each frame of the block from the one before it, of the block before, too.
    const auto steps = static_cast<std::int64_t>(read.size()) - 1;
    if (steps == 0) continue;
    at::Tensor change = values.narrow(0, 0, steps);
    for (std::int64_t n = 0; n < steps; ++n)
      change.select(0, n)
          .copy_(read[static_cast<std::size_t>(n + 1)])
          .sub_(read[static_cast<std::size_t>(n)]);
    increment_count_ += static_cast<double>(change.numel());
    increment_squares_ += weighed_sum(change.square_(), weights);
  }
}

void ChannelMoments::add(const ChannelMoments& other) {
  count_ += other.count_;
  sum_ += other.sum_;
  squares_ += other.squares_;
  increment_count_ += other.increment_count_;
  increment_squares_ += other.increment_squares_;
  lowest_ = std::min(lowest_, other.lowest_);
  highest_ = std::max(highest_, other.highest_);
}

void ChannelMoments::add_ranks(std::vector<ChannelMoments>& of_channels, const core::Comm& comm) {
  static_assert(std::is_trivially_copyable_v<ChannelMoments>);
  const auto all = comm.all_gather(std::as_bytes(std::span(of_channels)));
  std::vector<ChannelMoments> sums(of_channels.size()), theirs(of_channels.size());
  for (const auto& bytes : all) {
    std::memcpy(theirs.data(), bytes.data(), bytes.size());
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c].add(theirs[c]);
  }
  of_channels = sums;
}

void ChannelMoments::fill(FieldCard& card) const {
  card.mean = sum_ / count_;
  const double variance = squares_ / count_ - card.mean * card.mean;
  card.std = variance > 0 ? std::sqrt(variance) : 1;
  const double increment = increment_squares_ / increment_count_;
  card.increment_std = increment > 0 ? std::sqrt(increment) : card.std;
  card.lowest = lowest_;
  card.highest = highest_;
}

}  // namespace understudy::surrogates
