// The encoder-decoders of array_map_params.hpp as pure functions of their weights (private to
// surrogates/).
#pragma once

#include <memory>

#include "surrogates/arrays/array_map_params.hpp"
#include "surrogates/arrays/pair_dataset.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

/// input [batch, input...] -> output [batch, output...], both scaled. Sides of two axes have one channel,
/// of three axes as many as their first is long. UserError for other numbers of axes.
std::unique_ptr<Architecture> make_encoder_decoder(const ArrayMapNetworkParams& params,
                                                   const ArrayInfo& input, const ArrayInfo& output);

}  // namespace understudy::surrogates
