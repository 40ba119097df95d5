// What an OperatorModel holds (private to surrogates/).
#pragma once

#include <memory>

#include "surrogates/arrays/operator_model.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

struct OperatorModel::Impl {
  OperatorCard card;
  std::shared_ptr<Network> network;
  OperatorAccount account;
  std::vector<at::Tensor> slices;  ///< the weights in float32, in the network's order
};

/// A network of the card's architecture with weights drawn from `seed`.
Network make_operator_network(const OperatorCard& card, long long seed);

/// The model of a trained network.
OperatorModel make_operator_model(const OperatorCard& card, std::shared_ptr<Network> network);

/// `count` rows of [shape...] over the values' memory.
at::Tensor rows_over(const float* values, long long count, const ArrayInfo& side);

}  // namespace understudy::surrogates
