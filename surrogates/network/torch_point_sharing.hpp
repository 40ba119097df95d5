// Ranks that share flat states (flat_layout.hpp; private to surrogates/): each has its own points, columns of
// [frame, point], and what is summed over points is summed over ranks. Coordinates [frame, mode] and matrices between
// them are whole on every rank; none holds more of the points than its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <utility>

#include "core/comm.hpp"

namespace understudy::surrogates {

/// The first rank's values on all, bit for bit; contiguous, on the CPU. Collective.
void broadcast(const at::Tensor& values, const core::Comm& comm);

/// 1 or -1: those of the values, and 1 for 0.
at::Tensor signs_of(const at::Tensor& values);

class PointSharing {
 public:
  /// Every rank has all points: nothing is sent.
  PointSharing() = default;
  explicit PointSharing(const core::Comm& group) : group_(group) {}

  bool shared() const { return group_.has_value(); }
  /// Only where they are shared.
  const core::Comm& group() const { return *group_; }

  // The following are collective where points are shared.

  /// The elementwise sum of every rank's values (float or double; the same shape on all).
  at::Tensor sum(at::Tensor own) const;
  double sum(double own) const { return shared() ? group_->sum(own) : own; }
  /// Eigenvalues and vectors (columns) of a symmetric matrix that all ranks have, largest first: the first rank's
  /// on all, for another processor's or number of threads' may point elsewhere.
  std::pair<at::Tensor, at::Tensor> leading_first(const at::Tensor& matrix) const;
  /// An orthonormal basis of the span of `columns` [point, column], no more columns than all ranks have points, float;
  /// each in the direction of what its column adds to those before it. Where points are shared each rank factorises its
  /// rows, and the triangles are factorised once more (TSQR: Demmel, Grigori, Hoemmen and Langou 2012, SIAM J. Sci.
  /// Comput. 34).
  at::Tensor orthonormal(const at::Tensor& columns) const;

 private:
  std::optional<core::Comm> group_;
};

}  // namespace understudy::surrogates
