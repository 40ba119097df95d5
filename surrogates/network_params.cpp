#include "surrogates/network.hpp"

namespace understudy::surrogates {

void NetworkParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"unet", "pod", "dmd"}, "architecture");
  v.integer("width", width, {.at_least = 4, .at_most = 1024},
            "channels at the finest level; doubled per level");
  v.integer("levels", levels, {.at_least = 1, .at_most = 7}, "number of halvings");
  v.integer("max_width", max_width, {.at_least = 4, .at_most = 4096},
            "channels are doubled up to here");
  v.integer("patch", patch, {.at_least = 1, .at_most = 8},
            "cells along each axis that are folded into channels before the first level");
  v.choice("activation", activation, {"silu", "gelu", "relu"}, "activation function");
  v.choice("norm", norm, {"none", "group"}, "normalisation after each convolution");
  v.choice("precision", precision, {"float32", "bfloat16"}, "precision of inference");
  v.flag("constrain", constrain,
         "after every network call the simulation's own constraints are restored (boundary values, "
         "divergence-free velocity)");
  v.integer("latent_size", latent_size, {.at_least = 1, .at_most = 4096},
            "pod, dmd: number of modes");
  v.choice("latent_map", latent_map, {"linear", "mlp"},
           "pod: what steps the modes' coordinates over a window");
  v.integer("latent_width", latent_width, {.at_least = 1, .at_most = 8192},
            "pod with mlp: width of the hidden layers");
  v.integer("latent_layers", latent_layers, {.at_least = 1, .at_most = 16},
            "pod with mlp: number of hidden layers");
}

bool is_latent(const NetworkParams& params) { return params.kind == "pod" || params.kind == "dmd"; }

}  // namespace understudy::surrogates
