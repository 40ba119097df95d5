// What stands in the card of a map between arrays, and its README.md.
#include "core/format.hpp"
#include "surrogates/arrays/array_map.hpp"
#include "surrogates/training/model_verdict.hpp"

namespace understudy::surrogates {

void ArrayScale::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"linear", "signed_log"}, "how values become the network's");
  v.real("middle", middle, {}, "", "linear: what becomes 0; signed_log: the reference amplitude");
  v.real("scale", scale, {.above = 0}, "",
         "linear: how far from the middle 1 lies; signed_log: log1p(largest / reference)");
}

void ArrayMapErrors::describe(core::ParamVisitor& v) {
  v.choice("split", split, {"", "test", "validation"}, "samples that these are errors on");
  v.integer("samples", samples, {.at_least = 0}, "how many");
  v.real("mae", mae, {}, "", "mean absolute error of outputs scaled to [-1, 1] by their range");
  v.real("rel_l2", rel_l2, {}, "", "relative L2 error, mean over samples");
  v.real("ssim", ssim, {}, "", "structural similarity of images; -1: the output is none");
  v.real("mean_rel_l2", mean_rel_l2, {}, "",
         "rel_l2 of the training outputs' mean in the model's place; -1: not measured");
}

void ArrayMapCard::describe(core::ParamVisitor& v) {
  v.integer("card_version", card_version, {.at_least = 1}, "layout of this card");
  v.require(card_version <= newest, "card_version",
            core::format("is {}; this version of the program reads cards up to {}", card_version,
                         newest));
  v.text("name", name, "the dataset's name");
  v.group("network", network, "architecture");
  v.group("input", input, "what goes in");
  v.group("output", output, "what comes out");
  v.group("input_scale", input_scale, "how inputs are scaled");
  v.group("output_scale", output_scale, "how outputs are scaled");
  v.group("errors", errors, "errors on samples that trained nothing");
  v.text("verdict", verdict, "what these say against the model; empty: nothing");
  v.choice("precision", precision, {"float32", "bfloat16"}, "precision of predictions");
  v.text("loss", loss, "loss of the training");
  v.flag("mirror", mirror, "were training samples mirrored?");
  v.text("weights_hash", weights_hash, "hash of weights.safetensors");
  describe_origin(v, {.seed = "seed of weights, order and mirrors",
                      .epochs = "epochs trained",
                      .steps = "optimiser steps",
                      .weight_count = "weights"});
  v.integer("training_samples", training_samples, {.at_least = 0}, "samples trained on");
  v.integer("validation_samples", validation_samples, {.at_least = 0},
            "samples that chose the weights");
  describe_cost(v);
}

std::string array_map_verdict(const ArrayMapCard& card) {
  const ArrayMapErrors& e = card.errors;
  if (e.samples == 0) return "";
  return verdict_on({{"", e.rel_l2, e.mean_rel_l2 < 0 || e.rel_l2 < e.mean_rel_l2}},
                    {core::format("on {} {} samples", e.samples, e.split),
                     "its mean relative L2 error", "the mean of the training outputs"});
}

std::string array_map_readme(const ArrayMapCard& card) {
  std::string text = core::format(
      "# Model: {}\n\n{} of {} weights from {} to {}. Trained {} by version {} ({}) on {} samples of "
      "dataset {}, seed {}, {} epochs, {} steps, loss {}, {}.\n\n",
      card.name, card.network.kind, card.weight_count, to_string(card.input),
      to_string(card.output), card.created, card.version, card.git, card.training_samples,
      card.dataset_hash, card.seed, card.epochs, card.steps, card.loss, card.precision);
  if (const std::string verdict = array_map_verdict(card); !verdict.empty())
    text += "**Beware: " + verdict + ".**\n\n";
  text += "| side | scaled | trained within |\n| --- | --- | --- |\n";
  text +=
      core::format("| {} | {} | {:.6g} to {:.6g} {} |\n", card.input.name, card.input_scale.kind,
                   card.input.lowest, card.input.highest, card.input.unit);
  text += core::format("| {} | {} | {:.6g} to {:.6g} {} |\n\n", card.output.name,
                       card.output_scale.kind, card.output.lowest, card.output.highest,
                       card.output.unit);
  text += core::format(
      "Errors on {} samples of the split `{}`, which trained nothing{}: mean absolute error {:.4g} "
      "(outputs scaled to [-1, 1]), relative L2 {:.4g}",
      card.errors.samples, card.errors.split,
      card.errors.split == "validation" ? " but chose the weights" : "", card.errors.mae,
      card.errors.rel_l2);
  if (card.errors.ssim >= 0) text += core::format(", SSIM {:.4f}", card.errors.ssim);
  if (card.errors.mean_rel_l2 >= 0)
    text += core::format(" (the mean of the training outputs has a relative L2 error of {:.4g})",
                         card.errors.mean_rel_l2);
  text += core::format(".\n\nCost: {:.3g} core-seconds of data, {:.3g} core-seconds of training.\n",
                       card.cost.data_core_s, card.cost.training_core_s);
  return text;
}

}  // namespace understudy::surrogates
