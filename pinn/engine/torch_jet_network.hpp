// Runs a JetProgram on tensors (private to pinn/): outputs of a network with their derivatives along the
// directions of a JetSpec, differentiable once with respect to the weights.
//
// Points go through in tiles small enough that a tile's registers stay in the second-level cache: one
// matrix product a layer for all channels of a tile, then the elementwise jets (jet_kernels.hpp). The
// forward pass keeps what the linear operations gave; the backward pass is written out, forms activations
// anew from that, and adds each tile's products to the gradient of all weights. On a device the whole
// batch is one tile. Tiles are the work of LibTorch's threads; sums are formed in an order that does
// not depend on their number.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "pinn/engine/jet_program.hpp"

namespace understudy::pinn {

/// Where the entries of JetProgram::weights lie in the two flat vectors.
struct WeightPlace {
  bool trained = true;
  long long offset = 0, count = 0;
};

class JetNetwork {
 public:
  explicit JetNetwork(JetProgram program);
  ~JetNetwork();
  JetNetwork(const JetNetwork&) = delete;
  JetNetwork& operator=(const JetNetwork&) = delete;

  const JetProgram& program() const { return program_; }
  long long trained_count() const { return trained_; }
  long long fixed_count() const { return fixed_; }
  /// [weight]
  const std::vector<WeightPlace>& places() const { return places_; }

  /// features [channel, point, register 0's width] with the channels of `orders` (JetSpec::orders), trained
  /// [trained_count], fixed [fixed_count], all of one type and device -> [channel, output, point].
  /// Differentiable with respect to `trained` only.
  at::Tensor evaluate(const std::vector<int>& orders, const at::Tensor& features,
                      const at::Tensor& trained, const at::Tensor& fixed) const;

  /// Gradients of single points: to row p of rows[n] [point, any width] it adds, from column `first` on, the
  /// derivatives by `trained` of the sum over channels and outputs of cotangents[n] [channel, output, point]
  /// times the result at point p. Rows must be contiguous.
  void point_gradients(const std::vector<int>& orders, const at::Tensor& features,
                       const at::Tensor& trained, const at::Tensor& fixed,
                       const std::vector<at::Tensor>& cotangents,
                       const std::vector<at::Tensor>& rows, long long first) const;

  struct Pool;

 private:
  JetProgram program_;
  std::vector<WeightPlace> places_;
  long long trained_ = 0, fixed_ = 0;
  std::shared_ptr<Pool> pool_;  ///< memory that evaluations hand on to each other
};

}  // namespace understudy::pinn
