// How ranks train together (private to pinn/). `points`: each has a part of the points and all weights, and
// gradients are summed; `domains`: each has the networks of some parts of the box and all points, and the
// fields are summed (torch_domains.hpp), so that losses are everyone's and gradients their own.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "core/comm.hpp"
#include "pinn/settings.hpp"

namespace understudy::pinn {

class RankReduction {
 public:
  RankReduction(const core::Comm& comm, const ParallelSettings& settings)
      : comm_(comm), domains_(settings.mode == "domains") {}

  const core::Comm& comm() const { return comm_; }
  bool domains() const { return domains_; }
  bool points() const { return !domains_ && comm_.size() > 1; }
  /// Of the points: which part is this rank's, of how many.
  int rank() const { return domains_ ? 0 : comm_.rank(); }
  int ranks() const { return domains_ ? 1 : comm_.size(); }
  /// Who shares sums over points; null: nobody.
  const core::Comm* point_comm() const { return points() ? &comm_ : nullptr; }

  /// What was summed over this rank's points, over all points; any shape, in place. Collective.
  void sum(at::Tensor& values) const;
  void sum(std::vector<double>& values) const;
  /// |gradient|^2 of all weights. `gradient`: already over all points; its entries from `common` on are the
  /// same on all ranks (unknown numbers). Collective.
  double square_norm(const at::Tensor& gradient, std::int64_t common) const;

 private:
  core::Comm comm_;
  bool domains_;
};

}  // namespace understudy::pinn
