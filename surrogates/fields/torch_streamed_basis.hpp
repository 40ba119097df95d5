// Modes of frames that do not fit into memory (private to surrogates/): a randomised range finder with subspace
// iterations (Halko, Martinsson and Tropp 2011, SIAM Review 53, algorithms 4.3 and 4.4), in passes over the frames.
//
// The rows of A are the frames less their mean, weighed. One pass makes the mean, one Y = A^T Omega with a seeded
// Gaussian Omega of r + 10 columns or more, three Y = A^T (A Q) with Q an orthonormal basis of Y, and the last one
// A Q, whose singular values and right vectors turn Q into the modes. What is held does not depend on the number of
// frames but for their coordinates. Where ranks share the points, each holds its own of frames, sketches and modes, and
// what is summed are products [block, column] and [column, column]. The error in a mode falls as (sigma_(columns + 1) / sigma_mode)^7.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "surrogates/network/torch_point_sharing.hpp"

namespace understudy::surrogates {

/// Goes over all frames in order and calls with blocks of them, [block, point].
using FrameBlocks = std::function<void(const std::function<void(const at::Tensor&)>&)>;

/// Where ranks share the points, mean and modes are of this rank's.
struct StreamedBasis {
  at::Tensor mean;         ///< [point]
  at::Tensor modes;        ///< [r, point], orthonormal (of weighed frames)
  at::Tensor eigenvalues;  ///< of the frames' covariance, largest first, float64 [columns]
  double variance = 0;     ///< the sum of all of them
  at::Tensor coordinates;  ///< of the weighed frames less their mean, [frame, r]

  /// Columns of the sketch: also a good length of blocks.
  static std::int64_t sketched(std::int64_t r) { return r + (r < 10 ? 10 : r); }
  /// What the sketches of so many points take beside a block.
  static double bytes(std::int64_t r, double points) {
    return sizeof(float) * points * static_cast<double>(5 * sketched(r) + 4);
  }
};

struct BasisWish {
  std::int64_t frames = 0, points = 0, r = 0;  ///< this rank's points
  at::Tensor root = {};    ///< [point], of the weights; undefined where cells are alike
  std::uint64_t seed = 1;  ///< of Omega
  PointSharing sharing = {};
};

/// The r leading modes, with the signs of mode_signs(). Where ranks share the points their passes have the same blocks
/// of frames, and the call is collective. UserError where the frames have no so many directions (pod_basis()).
StreamedBasis streamed_basis(const FrameBlocks& pass, const BasisWish& wish);

}  // namespace understudy::surrogates
