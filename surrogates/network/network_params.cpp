// The keys of `network:` and of cards' precisions, and what follows from a kind.
#include "surrogates/network/inference_choice.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/network/network_kinds.hpp"

namespace understudy::surrogates {

void NetworkParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, network_kind_names(), "architecture");
  v.integer("width", width, {.at_least = 4, .at_most = 1024},
            "channels: of fno, of conv_autoencoder, or of unet's finest level, doubled per level");
  v.integer("levels", levels, {.at_least = 1, .at_most = 7},
            "unet, conv_autoencoder: number of halvings");
  v.integer("max_width", max_width, {.at_least = 4, .at_most = 4096},
            "unet: channels are doubled up to here");
  v.integer(
      "patch", patch, {.at_least = 1, .at_most = 8},
      "unet, conv_autoencoder: cells along each axis that are folded into channels before the first level");
  v.integers(
      "modes", modes, 0, {.at_least = 1, .at_most = 1024},
      "fno: wave numbers 0 to modes - 1 along each axis, one number for all axes or one for each "
      "of x, y, z");
  v.require(!modes.empty(), "modes", "is empty; give one number for all axes, or one for each");
  v.integer("layers", layers, {.at_least = 1, .at_most = 64}, "fno: number of Fourier layers");
  v.real(
      "padding", padding, {.at_least = 0, .at_most = 1}, "",
      "fno: continuation by zeros along axes that are not periodic, as a fraction of their length");
  v.choice("activation", activation, {"silu", "gelu", "relu"}, "activation function");
  v.choice("norm", norm, {"none", "group"}, "unet: normalisation after each convolution");
  v.choice("prediction", prediction, {"increment", "state"},
           "what the network computes: the change over one window, or the state at its end "
           "(conv_autoencoder: always the state)");
  v.choice(
      "precision", precision, {"float32", "bfloat16", "auto"},
      "precision of inference; auto takes the fastest, measured when the run begins, whose error "
      "in the model card allows it");
  v.real(
      "precision_slack", precision_slack, {.at_least = 0, .at_most = 10}, "",
      "auto: how much larger than float32's the rollout error in the card may be (0.1: a tenth)");
  v.flag("constrain", constrain,
         "after every network call the simulation's own constraints are restored (boundary values, "
         "divergence-free velocity)");
  v.texts(
      "conserve", conserve,
      "fields whose integral over the domain a network call leaves as it was, to round-off: the same "
      "number is added everywhere");
  v.integer("latent_size", latent_size, {.at_least = 1, .at_most = 4096},
            "conv_autoencoder, pod, dmd: number of modes");
  v.choice("latent_map", latent_map, {"linear", "mlp"},
           "conv_autoencoder, pod: what steps the modes' coordinates over a window");
  v.integer("latent_width", latent_width, {.at_least = 1, .at_most = 8192},
            "conv_autoencoder, pod with mlp: width of the hidden layers");
  v.integer("latent_layers", latent_layers, {.at_least = 1, .at_most = 16},
            "conv_autoencoder, pod with mlp: number of hidden layers");
}

bool predicts_state(const NetworkParams& params) {
  return network_kind(params.kind).predicts_state || params.prediction == "state";
}

bool has_one_grid(const NetworkParams& params) { return network_kind(params.kind).one_grid; }

bool is_latent(const NetworkParams& params) { return network_kind(params.kind).latent; }

void PrecisionCard::describe(core::ParamVisitor& v) {
  v.choice("precision", precision, {"float32", "bfloat16"}, "precision of the network");
  v.real("rel_l2_rollout", rel_l2_rollout, {.at_least = 0}, "",
         "relative L2 error of the validation rollouts, mean over fields and windows");
}

}  // namespace understudy::surrogates
