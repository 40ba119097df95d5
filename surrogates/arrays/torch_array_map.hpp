// What an ArrayMap holds (private to surrogates/).
#pragma once

#include <memory>

#include "surrogates/arrays/array_map.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

struct ArrayMap::Impl {
  ArrayMapCard card;
  std::shared_ptr<Network> network;
  ArrayMapAccount account;
  std::vector<at::Tensor> slices;  ///< the weights in float32, in the network's order
};

/// A network of the card's architecture with weights drawn from `seed`.
Network make_operator_network(const ArrayMapCard& card, long long seed);

/// The model of a trained network.
ArrayMap make_operator_model(const ArrayMapCard& card, std::shared_ptr<Network> network);

/// `count` rows of [shape...] over the values' memory.
at::Tensor rows_over(const float* values, long long count, const ArrayInfo& side);

}  // namespace understudy::surrogates
