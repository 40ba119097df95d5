// What training made of a network's weights.
#pragma once

#include <ATen/ATen.h>

#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::tests {

inline at::Tensor weights(const surrogates::TrainingReport& report) {
  return report.model.network->impl().flat;
}

/// How far `a` is from `b`, in units of how far training moved the weights.
inline double distance(const surrogates::TrainingReport& a, const surrogates::TrainingReport& b,
                       const surrogates::TrainingSetup& setup) {
  const surrogates::Network start(setup.network, b.model.network->shape(), setup.training.seed);
  return ((weights(a) - weights(b)).norm() / (weights(b) - start.impl().flat).norm())
      .item<double>();
}

}  // namespace understudy::tests
