// What stands in the card of a model of points, and its README.md.
#include <algorithm>
#include <cmath>

#include "core/format.hpp"
#include "surrogates/points/point_model.hpp"
#include "surrogates/training/model_verdict.hpp"

namespace understudy::surrogates {

void PointNetworkParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"mlp"}, "architecture: multilayer perceptron");
  v.integer("width", width, {.at_least = 1, .at_most = 4096}, "units of each hidden layer");
  v.integer("depth", depth, {.at_least = 1, .at_most = 64}, "hidden layers");
  v.choice("activation", activation, {"silu", "gelu", "relu", "tanh"}, "activation function");
}

NetworkParams PointNetworkParams::network() const {
  NetworkParams params;
  params.kind = kind;
  params.width = width;
  params.depth = depth;
  params.activation = activation;
  return params;
}

void ColumnCard::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the feature");
  v.text("unit", unit, "its unit");
  v.real("mean", mean, {}, "", "the network sees (value - mean) / std");
  v.real("std", std, {.above = 0}, "", "the network sees (value - mean) / std");
  v.real("lowest", lowest, {}, "", "lowest value in training");
  v.real("highest", highest, {}, "", "highest value in training");
}

void PointErrorCard::describe(core::ParamVisitor& v) {
  v.text("output", output, "name of the output");
  v.real("rel_l2", rel_l2, {}, "",
         "relative L2 error on held-out points; of an output that is zero there "
         "relative to the largest of its unit, -1 where there is none");
  v.real("rms", rms, {}, "", "root mean square error, in the output's unit");
  v.real("largest", largest, {}, "", "largest error, in the output's unit");
  v.real("error_bound", error_bound, {.at_least = 0}, "",
         "absolute error that a point like the calibration points keeps with probability "
         "gate.quantile");
}

void PointGateCard::describe(core::ParamVisitor& v) {
  v.flag("calibrated", calibrated, "are the thresholds below calibrated?");
  v.real("quantile", quantile, {.at_least = 0, .below = 1}, "",
         "fraction of points like the calibration points that each gate accepts");
  v.integer("calibration_points", calibration_points, {.at_least = 0},
            "points that the thresholds come from");
  v.integer("reference_points", reference_points, {.at_least = 0},
            "training points kept for the distance");
  v.integer("neighbours", neighbours, {.at_least = 0, .at_most = 32},
            "nearest reference points whose mean distance counts");
  v.real("distance", distance, {.at_least = 0}, "", "largest accepted distance");
  v.real("disagreement", disagreement, {.at_least = 0}, "",
         "largest accepted disagreement of the ensemble; 0: a single member has none");
}

void PointCard::describe(core::ParamVisitor& v) {
  v.integer("card_version", card_version, {.at_least = 1}, "layout of this card");
  v.require(card_version <= newest, "card_version",
            core::format("is {}; this version of the program reads cards up to {}", card_version,
                         newest));
  v.text("name", name, "the dataset's name");
  v.choice("engine", engine, {"mlp", "torchscript", "aoti"}, "what computes it");
  v.group("network", network, "architecture (engine mlp)");
  v.integer("members", members, {.at_least = 1, .at_most = 64}, "networks of the ensemble");
  v.list("inputs", inputs, "features, in order");
  v.list("outputs", outputs, "what is predicted, in order");
  v.list("validation", validation, "errors on held-out points");
  v.group("gate", gate, "calibrated thresholds");
  v.text("imported", imported, "the file of a model trained elsewhere");
  v.text("imported_hash", imported_hash, "its hash");
  v.choice("precision", precision, {"float32", "float64"}, "type of the network's input");
  describe_origin(v, {.seed = "seed of weights, order and split",
                      .epochs = "epochs trained, all members",
                      .steps = "optimiser steps, all members",
                      .weight_count = "weights of one member"});
  v.integer("training_points", training_points, {.at_least = 0}, "points trained on");
  v.integer("validation_points", validation_points, {.at_least = 0},
            "points that chose the weights");
  describe_cost(v);
}

NetworkShape PointCard::shape() const {
  NetworkShape shape;
  shape.parameters = static_cast<int>(inputs.size());
  shape.point_outputs = static_cast<int>(outputs.size());
  return shape;
}

namespace {

std::vector<Column> columns_of(const std::vector<ColumnCard>& cards) {
  std::vector<Column> columns;
  for (const ColumnCard& c : cards) columns.push_back({c.name, c.unit});
  return columns;
}

std::string table(const std::vector<ColumnCard>& columns, const char* title) {
  std::string text = core::format("| {} | unit | trained within |\n| --- | --- | --- |\n", title);
  for (const ColumnCard& c : columns)
    text += core::format("| {} | {} | {:.6g} to {:.6g} |\n", c.name, c.unit, c.lowest, c.highest);
  return text + "\n";
}

}  // namespace

std::vector<Column> PointCard::input_columns() const { return columns_of(inputs); }
std::vector<Column> PointCard::output_columns() const { return columns_of(outputs); }

std::string point_verdict(const PointCard& card) {
  std::vector<ValidatedError> errors;
  for (const PointErrorCard& e : card.validation) {
    if (e.rel_l2 < 0) continue;
    const auto column = std::ranges::find(card.outputs, e.output, &ColumnCard::name);
    // An imported card need not have the ranges and the deviations of its training.
    const bool known = card.engine == "mlp" && column != card.outputs.end();
    if (known && column->highest - column->lowest <= 1e-12 * std::abs(column->mean)) continue;
    errors.push_back({e.output, e.rel_l2, !known || e.rms < column->std});
  }
  return verdict_on(
      errors, {"on held-out points", "its relative L2 error", "the mean of the training points"});
}

std::string point_readme(const PointCard& card) {
  std::string text = core::format("# Model: {}\n\n", card.name);
  if (const std::string verdict = point_verdict(card); !verdict.empty())
    text += "**Beware: " + verdict + ".**\n\n";
  if (card.engine == "mlp")
    text += core::format(
        "{} `mlp` of {} weights each, {} hidden layers of {}, on batches of points. Trained {} by "
        "version {} ({}) on {} points of dataset {}, seed {}, {} epochs, {} steps in all.\n\n",
        card.members, card.weight_count, card.network.depth, card.network.width, card.created,
        card.version, card.git, card.training_points, card.dataset_hash, card.seed, card.epochs,
        card.steps);
  else
    text += core::format("Imported {} by version {} ({}) from the {} file `{}` (hash {}).\n\n",
                         card.created, card.version, card.git, card.engine, card.imported,
                         card.imported_hash);
  text += table(card.inputs, "input") + table(card.outputs, "output");
  if (!card.validation.empty()) {
    text +=
        "Errors on held-out points, in the output's unit:\n\n| output | relative L2 | rms | largest | "
        "bound |\n| --- | --- | --- | --- | --- |\n";
    for (const PointErrorCard& e : card.validation)
      text += core::format("| {} | {} | {:.3g} | {:.3g} | {:.3g} |\n", e.output,
                           e.rel_l2 < 0 ? "-" : core::format("{:.3g}", e.rel_l2), e.rms, e.largest,
                           e.error_bound);
    text += "\n";
  }
  if (card.gate.calibrated)
    text += core::format(
        "Gate, calibrated on {} points at quantile {}: distance to the {} nearest of {} training "
        "points at most {:.4g}{}. The bound above holds with that probability for points like those; "
        "outside nothing is promised.\n\n",
        card.gate.calibration_points, card.gate.quantile, card.gate.neighbours,
        card.gate.reference_points, card.gate.distance,
        card.gate.disagreement > 0
            ? core::format(", disagreement at most {:.4g}", card.gate.disagreement)
            : "");
  else
    text += "The gate is not calibrated: only the range can be checked.\n\n";
  text += core::format("Cost: {:.3g} core-seconds of data, {:.3g} core-seconds of training.\n",
                       card.cost.data_core_s, card.cost.training_core_s);
  return text;
}

}  // namespace understudy::surrogates
