// One ghost cell round every panel of a cubed sphere, and vectors in the panels' own frames (private to
// surrogates/). Panels are a batch: convolutions are the same on all six, as in Weyn, Durran, Caruana (2020), "Improving
// data-driven global weather prediction using deep convolutional neural networks on a cubed sphere", JAMES 12.
//
// A ghost is the cell of the other panel that lies across the edge (mesh/topology.hpp): a copy, not an interpolation.
// Cells along an edge face each other, so it lies half a cell off the continuation of its row at most. At the cube's
// corners there is no fourth panel: a corner ghost is the mean of the two beside it.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <mutex>
#include <vector>

namespace understudy::surrogates {

class CubePadding {
 public:
  /// [batch * 6, channel, n, n] -> [batch * 6, channel, n + 2, n + 2], in channels-last memory. Differentiable.
  at::Tensor pad(const at::Tensor& x) const;

 private:
  struct Tables {
    at::Tensor first, second;  ///< [24]: the two cells that make up each corner ghost
    at::Tensor source;         ///< [6 (n + 2)^2]: among 6 n^2 cells and then the corner ghosts
  };
  Tables tables(std::int64_t n, const at::Device& device) const;

  mutable std::mutex mutex_;
  mutable std::map<std::int64_t, Tables>
      made_;  ///< by n, on the CPU or where they were asked for last
};

/// Channels of a cubed sphere between the sphere's frame and the panels': the three of a vector are
/// permuted and change sign from panel to panel (mesh::panel_frame), scalars stay.
class PanelFrames {
 public:
  /// `vectors`: first of the three channels of each vector among `channels`.
  PanelFrames(int channels, const std::vector<int>& vectors);
  /// [batch, channel, 6, y, x] -> [batch * 6, channel, y, x] in the panels' frames.
  at::Tensor to_panels(const at::Tensor& x) const;
  /// And back.
  at::Tensor from_panels(const at::Tensor& x) const;

 private:
  at::Tensor to_index_, to_sign_, from_index_, from_sign_;  ///< [6 * channel]
  std::int64_t channels_;
};

/// What a network that is the same on all panels has to be told of where it is: [6, 7, n, n]: sine of the latitude,
/// the direction of the north pole and the radial direction, both in the panel's frame.
at::Tensor panel_places(std::int64_t n);

}  // namespace understudy::surrogates
