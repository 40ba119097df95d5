#include "surrogates/arrays/array_map_params.hpp"

namespace understudy::surrogates {

void ArrayMapNetworkParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"inversion_net", "forward_net"},
           "architecture: encoder-decoder from gathers to an image, or from an image to gathers");
  v.integer("width", width, {.at_least = 1, .at_most = 512},
            "channels at the finest level; doubled at each halving");
  v.integer("encoder_width", encoder_width, {.at_least = 0, .at_most = 512},
            "channels of the encoder's first halving; 0: width");
  v.integer("max_width", max_width, {.at_least = 1, .at_most = 2048},
            "channels are doubled up to here");
  v.integer("latent", latent, {.at_least = 1, .at_most = 8192},
            "numbers between encoder and decoder");
  v.integer("depth", depth, {.at_least = 1, .at_most = 8},
            "convolutions after each halving or doubling");
  v.integers("patch", patch, 2, {.at_least = 1, .at_most = 64},
             "points along the output's last two axes that the last layer makes at once");
  v.choice("norm", norm, {"none", "group"}, "group normalisation after each convolution, or none");
  v.choice("activation", activation, {"leaky", "relu", "silu", "gelu"},
           "activation function (leaky: slope 0.2 below zero)");
}

void ArrayScaleParams::describe(core::ParamVisitor& v) {
  v.choice(
      "kind", kind, {"linear", "rms", "signed_log"},
      "linear: the range becomes [-1, 1]; rms: divided by the root mean square, zero stays zero; "
      "signed_log: sign(x) log1p(|x| / r), scaled so that the largest |x| becomes 1");
  v.real("reference", reference, {.at_most = 1e6, .above = 0}, "",
         "signed_log: r, as a fraction of the largest |x|");
}

ArrayMapTrainingParams::ArrayMapTrainingParams() {
  epochs = 60;
  batch = 32;
  learning_rate = 1e-3;
  validate_every = 2;
}

void ArrayMapTrainingParams::describe(core::ParamVisitor& v) {
  describe_descent(v, {.epochs = "passes over the training samples", .batch = "samples per step"});
  describe_average(v);
  v.choice(
      "loss", loss, {"l1", "l2", "l1_l2", "relative_l2"},
      "mean error of the scaled outputs: absolute, squared, their sum, or each sample's L2 norm "
      "over that of the truth");
  v.group("input_scale", input_scale, "how inputs are scaled");
  v.group("output_scale", output_scale, "how outputs are scaled");
  v.flag("mirror", mirror, "half the samples of each batch are mirrored, drawn anew each time");
  v.choice(
      "precision", precision, {"float32", "bfloat16", "auto"},
      "precision of the network; weights and optimiser are float32 always. auto: bfloat16 where "
      "all ranks' processors have instructions for it");
  describe_validation(v);
  v.integer(
      "patience", patience, {.at_least = 0},
      "the training stops after so many validations in a row without a better one; 0: it goes on "
      "to its end");
  describe_checkpoints(v);
  describe_threads(v);
  v.integer("training_samples", training_samples, {.at_least = 0},
            "train on the first so many samples only; 0: all");
  v.integer("seed", seed, {}, "seed of weights, order and mirrors");
}

TrainingParams ArrayMapTrainingParams::training() const {
  TrainingParams p;
  static_cast<ScheduleParams&>(p) = *this;
  p.noise = 0;
  p.precision = precision;
  p.unroll = {1};
  p.unroll_fractions = {};
  p.patience = patience;
  p.seed = seed;
  return p;
}

}  // namespace understudy::surrogates
