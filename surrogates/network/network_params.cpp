// The keys of `network:` and of cards' precisions, and what follows from a kind.
#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/network/inference_choice.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/network/network_kinds.hpp"

namespace understudy::surrogates {

void NetworkParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, network_kind_names(), "architecture");
  v.integer(
      "width", width, {.at_least = 4, .at_most = 1024},
      "channels: of fno, of conv_autoencoder, of correction, or of unet's finest level, doubled per "
      "level");
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
  v.integer(
      "layers", layers, {.at_least = 1, .at_most = 64},
      "fno: number of Fourier layers; correction: of convolutions between the first and the last");
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
  v.integers(
      "coarsening", coarsening, 0, {.at_least = 1, .at_most = 8},
      "correction: cells of the deck's grid, along each axis, that are one of the solver that is "
      "corrected; one number for all axes, or one for each of x, y, z");
  v.require(!coarsening.empty() && *std::ranges::max_element(coarsening) > 1, "coarsening",
            "has no number above 1: that is the simulation itself");
  v.integer("calls", calls, {.at_least = 1, .at_most = 1000},
            "correction: network calls in a window, evenly spaced; the solver advances in between");
  v.integer(
      "fold", fold, {.at_least = 1, .at_most = 8},
      "correction: cells of the coarse grid that are folded into channels along each axis, so that the same "
      "convolutions see so many times as far");
}

bool predicts_state(const NetworkParams& params) {
  return network_kind(params.kind).predicts_state || params.prediction == "state";
}

bool has_one_grid(const NetworkParams& params) { return network_kind(params.kind).one_grid; }

bool is_latent(const NetworkParams& params) { return network_kind(params.kind).latent; }

bool corrects(const NetworkParams& params) { return network_kind(params.kind).corrects; }

bool is_imported(const NetworkParams& params) { return network_kind(params.kind).program; }

std::array<long long, 3> coarsening(const NetworkParams& params) {
  std::array<long long, 3> factors{1, 1, 1};
  if (!corrects(params)) return factors;
  const auto& given = params.coarsening;
  for (std::size_t axis = 0; axis < 3; ++axis)
    factors[axis] = given.size() == 1 ? given.front() : axis < given.size() ? given[axis] : 1;
  return factors;
}

std::vector<long long> coarse_cells(const NetworkParams& params,
                                    const std::vector<long long>& cells) {
  constexpr long long fewest = 8;
  const auto factors = coarsening(params);
  std::vector<long long> coarse = cells;
  for (std::size_t axis = 0; axis < cells.size(); ++axis) {
    const long long n = cells[axis], factor = factors[axis];
    if (n % factor == 0 && (factor == 1 || n / factor >= fewest)) {
      coarse[axis] = n / factor;
      continue;
    }
    std::vector<std::string> fit;
    for (long long f = 2; f <= 8; ++f)
      if (n % f == 0 && n / f >= fewest) fit.push_back(std::to_string(f));
    throw core::UserError(core::format(
        "network.coarsening: {} does not divide the {} cells along {} into {} or more; {}", factor,
        n, "xyz"[axis], fewest, fit.empty() ? "no factor does" : core::joined(fit) + " would"));
  }
  return coarse;
}

void PrecisionCard::describe(core::ParamVisitor& v) {
  v.choice("precision", precision, {"float32", "bfloat16"}, "precision of the network");
  v.real("rel_l2_rollout", rel_l2_rollout, {.at_least = 0}, "",
         "relative L2 error of the validation rollouts, mean over fields and windows");
}

}  // namespace understudy::surrogates
