// The losses of a step and their weights (private to pinn/): the mean square of every equation of every
// term over the points of all ranks, and their weighted sum.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pinn/torch_model.hpp"
#include "pinn/training/torch_points.hpp"
#include "pinn/training/torch_rank_reduction.hpp"
#include "pinn/training/torch_weighting.hpp"

namespace understudy::pinn {

class Losses {
 public:
  Losses(const Settings& settings, const RankReduction& sharing, const Problem& problem);

  struct Result {
    at::Tensor total;  ///< weighted sum, differentiable; this rank's points' part of it
    std::vector<at::Tensor>
        each;  ///< [loss] unweighted parts of this rank's points, differentiable
    std::vector<at::Tensor>
        squares;  ///< [loss][point], causal weights included, without autograd; for ascend()
  };
  /// `update`: the weights are due for new values, from the gradients at these points. Collective.
  Result evaluate(Model& model, const std::vector<TermPoints>& points, bool update,
                  std::uint64_t seed = 0);
  /// Whether the weights are due in this step.
  bool due(long long step) const;
  /// Moves the points' own weights up; nothing where they have none.
  void ascend(const Result& result);
  /// New points: their own weights begin at 1.
  void begin_points(const std::vector<TermPoints>& points, const at::TensorOptions& options);

  /// Over all ranks' points. Collective.
  std::vector<double> values(const Result& result) const;
  /// [loss]; with the mean of the points' own. Collective.
  std::vector<double> weights() const;
  double total(const std::vector<double>& values) const;
  const std::vector<std::string>& names() const { return names_; }  ///< term.equation

  /// Names begin with "loss_weights" and "points.".
  void save(TensorList& tensors) const;
  void restore(const TensorList& tensors);

 private:
  std::vector<double> sizes(Model& model, const Result& result,
                            const std::vector<at::Tensor>& residuals, std::uint64_t seed) const;

  const Settings& settings_;
  const RankReduction& sharing_;
  std::vector<std::string> names_;
  std::vector<std::size_t> terms_;          ///< [loss]
  std::vector<double> weights_;             ///< [loss]
  std::vector<long long> totals_, firsts_;  ///< [loss] of the points of the last evaluation
  std::unique_ptr<PointWeights> own_;
};

}  // namespace understudy::pinn
