// Dynamics in a latent space (private to surrogates/): one window's step of r latent coordinates z under
// the parameters q (both normalised),
//   z' = z + d * (W(q) [z / s, 1] + N([z / s, q])),
// with d the coordinates' standard change over one window and s their spread, floored for the weak
// ones, both from the training data.
//   linear  N = 0; W a polynomial of degree 2 in each parameter (W0 + q W1 + q^2 W2): at fixed
//           parameters a linear map, as dynamic mode decomposition has it (Schmid 2010)
//   mlp     W0 alone, and N a multilayer perceptron of `latent_layers` hidden layers with SiLU: the
//           usual non-intrusive reduced-order model (Hesthaven and Ubbiali 2018), here learned over
//           unrolled windows
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "surrogates/network/latent_host.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

struct LatentMap {
  std::string kind = "mlp";  ///< linear, mlp
  int size = 0, parameters = 0;
  int width = 0, layers = 0;  ///< mlp

  /// First the two constants (scale s, increment d; not trained), then the trained ones.
  std::vector<WeightSpec> constants() const;
  std::vector<WeightSpec> weights() const;
  /// z [batch, size], q [batch, parameters]; `w`: constants and weights in that order.
  at::Tensor step(const at::Tensor& z, const at::Tensor& q, const at::Tensor* w) const;
  /// [batch, inputs of W]: the columns that the linear part multiplies.
  at::Tensor linear_inputs(const at::Tensor& scaled, const at::Tensor& q) const;
};

/// The tensor's values by rows.
std::vector<float> floats_of(const at::Tensor& tensor);

/// The same map for the host, with fixed parameters; `w` as for LatentMap::step.
LatentHostMap host_map(const LatentMap& map, const std::vector<at::Tensor>& w,
                       const std::vector<float>& q);

}  // namespace understudy::surrogates
