// What the tests of mode-decomposing autoencoders share, in a plane and in a box.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "surrogates/fields/model_modes.hpp"
#include "surrogates/fields/torch_autoencoder_trainer.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::tests::autoencoder {

inline surrogates::NetworkParams params_of(int levels, int patch) {
  surrogates::NetworkParams params;
  params.kind = "conv_autoencoder";
  params.width = 4;
  params.levels = levels;
  params.patch = patch;
  params.latent_size = 2;
  params.latent_width = 8;
  return params;
}

/// Two fields, a mask, a parameter.
inline surrogates::NetworkShape shape_of(surrogates::SideKinds sides,
                                         std::vector<long long> cells) {
  surrogates::NetworkShape shape;
  shape.prognostic = 2;
  shape.fixed = 1;
  shape.parameters = 1;
  shape.boundaries = std::move(sides);
  shape.cells = std::move(cells);
  return shape;
}

/// Weights all drawn at random, the last layers' and the constants too.
inline surrogates::Network random_network(const surrogates::NetworkParams& params,
                                          const surrogates::NetworkShape& shape, double lowest,
                                          double highest) {
  surrogates::Network network(params, shape, 3);
  network.impl().flat.uniform_(lowest, highest, surrogates::generator(5));
  return network;
}

inline const surrogates::AutoencoderArchitecture& autoencoder_of(
    const surrogates::Network& network) {
  return dynamic_cast<const surrogates::AutoencoderArchitecture&>(*network.impl().architecture);
}

/// [batch, input, (z,) y, x]
inline at::Tensor random_input(const surrogates::NetworkShape& shape, std::int64_t batch = 3) {
  std::vector<std::int64_t> sizes{batch, shape.inputs()};
  sizes.insert(sizes.end(), shape.cells.rbegin(), shape.cells.rend());
  return at::randn(sizes, surrogates::generator(7), at::TensorOptions(at::kFloat));
}

inline double largest(const at::Tensor& t) { return t.abs().max().item<double>(); }

/// Of the mean square of the output, along a random direction in the weights. The architecture keeps its dense parts in
/// float32: differences are as wide as that asks for.
inline void expect_gradient_of_differences(const surrogates::Network& network,
                                           const std::string& what) {
  const auto& specs = network.impl().specs;
  const at::Tensor flat = network.impl().flat.to(at::kDouble).requires_grad_(true);
  const at::Tensor input = random_input(network.impl().shape, 1);
  const auto loss = [&](const at::Tensor& weights) {
    const auto w = surrogates::slices(weights.to(at::kFloat), specs);
    return autoencoder_of(network).forward(input, w).to(at::kDouble).square().mean();
  };
  loss(flat).backward();
  const at::Tensor direction =
      at::randn(flat.sizes(), surrogates::generator(11), at::TensorOptions(at::kDouble));
  const double step = 1e-3;
  const double difference = (loss(flat.detach() + step * direction).item<double>() -
                             loss(flat.detach() - step * direction).item<double>()) /
                            (2 * step);
  const double gradient = at::dot(flat.grad(), direction).item<double>();
  EXPECT_NEAR(difference, gradient, 0.01 * std::abs(gradient)) << what;
}

/// The fields of two modes and the mean make the sum.
inline void expect_sum_of_modes(const surrogates::ChannelModes& channel) {
  ASSERT_EQ(channel.modes.size(), 2u);
  for (std::size_t n = 0; n < channel.sum.values.size(); ++n)
    EXPECT_NEAR(channel.sum.values[n],
                channel.mean.values[n] + channel.modes[0].values[n] + channel.modes[1].values[n],
                1e-4);
}

}  // namespace understudy::tests::autoencoder
