// Normal numbers on a block of cells that are those of the whole (private to surrogates/).
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

/// at::randn of [channel, (z,) y, x] of the whole, float, cut to this rank's block, bit for bit. The whole is drawn, by
/// every rank, but a small part at a time.
at::Tensor normal_draw_of_block(std::int64_t channels, const NetworkBlocks& blocks,
                                at::Generator& random);

}  // namespace understudy::surrogates
