// Gradients summed over ranks while they are still being computed (private to surrogates/): the flat
// gradient is cut into buckets at the borders of weights, and as soon as the backward pass has finished
// all weights of a bucket its sum over ranks is begun (MPI_Iallreduce; Li, Shen et al. 2020, "PyTorch
// Distributed", VLDB). Backward finishes the last layers first, so the buckets go from the end of the
// vector to its start, on every rank in that same order, which MPI asks of collectives.
//
// How far communication and backward overlap is MPI's affair: without a progress thread most MPI
// libraries move large messages only inside their own calls, so that here each begun sum also
// pushes those before it, and the rest is done in finish().
//
// On a GPU nothing overlaps: the gradient is copied to the host, summed in buckets, and copied back.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "core/comm.hpp"

namespace understudy::surrogates {

class GradientBuckets {
 public:
  static constexpr std::int64_t usual_size = 1 << 19;  ///< numbers in a bucket (2 MiB)

  /// `weights`: leaves whose gradients are consecutive slices of `gradient` in this order.
  GradientBuckets(const at::Tensor& gradient, const std::vector<at::Tensor>& weights,
                  const core::Comm& comm, std::int64_t size = usual_size);
  /// Before the backward pass; collective with finish().
  void begin();
  /// After it (or without one, on a rank that had nothing to do): the gradient is the sum over ranks.
  void finish();
  std::size_t count() const;

 private:
  struct State;
  struct Hook;
  std::shared_ptr<State> state_;
};

}  // namespace understudy::surrogates
