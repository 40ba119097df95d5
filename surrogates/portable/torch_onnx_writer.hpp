// A graph as a file of ONNX (onnx.ai; operator set 17, IR version 8): the same operations and constants, the card
// among the metadata. Private to surrogates/.
#pragma once

#include <string>

#include "surrogates/portable/torch_graph.hpp"

namespace understudy::surrogates {

/// The file's bytes. UserError where the constants are more than one file of ONNX holds (2 GiB).
std::string onnx_of(const Graph& graph, const std::string& name, const std::string& card);

}  // namespace understudy::surrogates
