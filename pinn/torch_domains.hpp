// A box in overlapping parts, each with networks of its own (private to pinn/): finite-basis physics-informed
// networks (Moseley, Markham & Nissen-Meyer 2023). The field is
//
//   u(x) = sum_i w_i(x) net_i(x scaled to [-1, 1] in part i),   sum_i w_i = 1,
//
// parts being cells of a regular grid, widened by `overlap` of their width on each side. A window is the
// product over the axes of s((x - a) / 2 o) at a part's lower border and 1 - s(...) at its upper one, where
//
//   s(x) = sin^2(pi/2 sin^2(pi x / 2)), 0 below 0, 1 above 1
//
// runs through the overlap of 2 o; so windows of neighbours add to 1 as they are, three times continuously
// differentiable. Parts are shared out over ranks in their order; the sums over ranks are one call for all
// fields and derivatives.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "core/comm.hpp"
#include "pinn/engine/torch_jets.hpp"
#include "pinn/sampling.hpp"
#include "pinn/settings.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

class Domains {
 public:
  /// One part where settings.mode is `points`. UserError where the numbers of parts do not fit the inputs or
  /// there are fewer parts than ranks.
  Domains(const Problem& problem, const ParallelSettings& settings, const core::Comm& comm);

  bool split() const { return split_; }
  int parts() const { return parts_; }
  const Part& mine() const { return mine_; }  ///< of the parts
  const core::Comm& comm() const { return comm_; }
  /// The part with its overlap [input].
  std::vector<double> lower(int part) const { return border(part, false); }
  std::vector<double> upper(int part) const { return border(part, true); }
  /// Rows of points [point, input] that lie in the part.
  at::Tensor rows(int part, const at::Tensor& points) const;
  /// w_i, from jets of all inputs.
  Jet window(int part, const std::vector<Jet>& inputs) const;

 private:
  struct Axis {
    double lower, width, overlap;
    int parts;
  };
  int index(int part, std::size_t axis) const;
  std::vector<double> border(int part, bool upper) const;

  bool split_ = false;
  int parts_ = 1;
  Part mine_{0, 1};
  core::Comm comm_;
  std::vector<Axis> axes_;
};

/// The sum over ranks of what each has, with each rank's gradient handed back to it: for losses that every
/// rank forms alike from the sum. Collective.
at::Tensor sum_over_ranks(const at::Tensor& values, const core::Comm& comm);

}  // namespace understudy::pinn
