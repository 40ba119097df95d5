// The networks for points, as programs of jets:
//
//   mlp           linear and activation in turn
//   modified_mlp  two encodings u, v of the input gate every layer (Wang, Teng & Perdikaris 2021, eq. 42-44)
//   pirate_net    residual blocks of three gated layers whose share alpha starts at 0, so that the network
//                 starts as a linear map of its encoding (Wang et al. 2024, eq. 4.1-4.6)
//
// All may encode their inputs by random waves first (Tancik et al. 2020): cos(B x), sin(B x), B normal.
#pragma once

#include "pinn/engine/jet_program.hpp"
#include "pinn/settings.hpp"

namespace understudy::pinn {

/// UserError for a kind or activation that does not exist.
JetProgram make_program(const NetworkSettings& settings, int inputs, int outputs);

}  // namespace understudy::pinn
