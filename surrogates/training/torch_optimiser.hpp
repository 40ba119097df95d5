// AdamW (Loshchilov & Hutter 2019, algorithm 2) with gradient clipping and an exponential moving
// average of the weights, on flat vectors (private to surrogates/): all weights of a network are slices
// of one tensor and their gradients of another, so that each operation is one pass. They lie on the
// training device: on the CPU they are the network's own, elsewhere a copy. pinn/training/torch_optimiser.hpp
// has the AdamW of networks for points, beside SOAP and in another order of operations: one for both would
// change the bits of trained networks.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

class Optimiser {
 public:
  /// Works on the network's own trained weights, or on copies on another device. Biases and scales
  /// (tensors of one axis) are not decayed.
  Optimiser(const Network& network, const TrainingParams& params, at::Device device = at::kCPU);

  /// The weights as autograd sees them, in the network's order; backward() fills gradient().
  const std::vector<at::Tensor>& weights() const { return slices_; }
  at::Tensor& gradient() { return gradient_; }
  /// Norm of the gradient, for step().
  double gradient_norm() const;
  /// One step at that learning rate from the gradient as it stands, then gradient = 0. `norm`: of the
  /// gradient, for clipping; ranks that step together must give the same.
  void step(double rate, double norm);
  void step(double rate) { step(rate, params_.gradient_clip > 0 ? gradient_norm() : 0); }
  /// The weights that validation and use take: the moving average, or the weights themselves.
  const at::Tensor& averaged() const { return params_.ema_decay > 0 ? average_ : weights_; }

  /// Starts from the network's present trained weights: they were set from outside.
  void adopt(const Network& network);

  void save(std::vector<std::pair<std::string, at::Tensor>>& tensors) const;
  void restore(const std::vector<std::pair<std::string, at::Tensor>>& tensors);
  long long steps = 0;  ///< taken; the caller restores it

 private:
  TrainingParams params_;
  at::Tensor weights_, gradient_, mean_, square_, average_, decayed_;  ///< flat
  std::vector<at::Tensor> slices_;  ///< of weights_, with gradients
};

}  // namespace understudy::surrogates
