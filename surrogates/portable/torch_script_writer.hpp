// A graph as TorchScript (private to surrogates/): a module with a `forward` of the graph's inputs, the constants as
// its buffers and the card as its attribute `card`. It is compiled from a text of one line a node.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

#include "surrogates/portable/torch_graph.hpp"

namespace understudy::surrogates {

/// With one output `forward` gives a tensor, with several a tuple.
torch::jit::Module script_of(const Graph& graph, const std::string& card);

}  // namespace understudy::surrogates
