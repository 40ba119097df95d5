// Weights of losses and of points (private to pinn/). A loss is the mean square of one equation of one term,
// 'term.equation'.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "pinn/settings.hpp"
#include "pinn/training/torch_optimiser.hpp"

namespace understudy::pinn {

/// Weights that make the losses' shares of the step alike, from a size of each: its gradient's norm (Wang,
/// Teng & Perdikaris 2021, in the form of Wang et al. 2023, eq. 3.2) or the mean diagonal of its neural
/// tangent kernel (Wang, Yu & Perdikaris 2022, eq. 6.5):
///
///   w_i = sum_j s_j / s_i,
///
/// kept between weights by a floor of 1e-5 of the mean size.
std::vector<double> balanced_weights(const std::vector<double>& sizes);

/// The mean diagonal of a kernel, tr(K) / n = sum_p |d r_p / d theta|^2 / n, by Hutchinson's estimate
/// E |d(v . r) / d theta|^2 with random signs v: unbiased. This is one sample's v for the points first ...
/// first + like.numel(); the sum over ranks of d(v . r) / d theta is the whole sample's.
at::Tensor random_signs(const at::Tensor& like, std::uint64_t seed, long long first);

/// Weights of points that let a time count only as far as what comes before it is learned (Wang, Sankaran &
/// Perdikaris 2024, eq. 3.8): with L_m the mean square of chunk m of the time axis,
///
///   w_m = exp(-tolerance sum_(k < m) L_k),
///
/// the least of a term's equations. residuals: [point] for each equation; chunk: [point], whole numbers
/// below `chunks`. -> [point], without autograd. Sums run over the points of all ranks of `comm` (null:
/// over these).
at::Tensor causal_weights(const std::vector<at::Tensor>& residuals, const at::Tensor& chunk,
                          const CausalSettings& settings, const core::Comm* comm);

/// A weight for every point, moved up the gradient of the loss as the network's go down (McClenny &
/// Braga-Neto 2023, self-adaptive weights with the mask lambda^2): the loss is the mean of lambda^2 r^2, and
///
///   lambda += rate g / rms(g),   g = lambda r^2 ~ d loss / d lambda,
///
/// with one length of step for all points of a loss, so that the rate does not depend on the residual's
/// size and points of larger residuals still gain more. Points must stay the same from step to step.
class PointWeights {
 public:
  /// counts: this rank's points of every loss. comm: sharing the points; null: nobody. Collective.
  PointWeights(const std::vector<std::int64_t>& counts, double rate,
               const at::TensorOptions& options, const core::Comm* comm = nullptr);
  /// lambda^2 [point] of a loss.
  at::Tensor weights(std::size_t loss) const { return lambda_[loss].square(); }
  /// Over all ranks' points. Collective.
  double mean(std::size_t loss) const;
  /// One step up. squares: r^2 [point] of every loss. Collective.
  void ascend(const std::vector<at::Tensor>& squares);
  /// Of this rank's points alone. Names begin with "points.".
  void save(TensorList& tensors) const;
  void restore(const TensorList& tensors);

 private:
  double share(double sum) const;
  double rate_;
  const core::Comm* comm_;
  std::vector<at::Tensor> lambda_;  ///< [loss][point]
  std::vector<long long> totals_;   ///< points on all ranks
};

}  // namespace understudy::pinn
