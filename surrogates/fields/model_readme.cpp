// The README.md of a model folder.
#include "core/format.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/network/program_engines.hpp"
#include "surrogates/training/model_verdict.hpp"

namespace understudy::surrogates {

namespace {

std::string what_it_is(const ModelCard& card) {
  std::string text = core::format("# Model: {}\n\n", card.name);
  if (is_imported(card.network))
    return text +
           core::format(
               "A network trained elsewhere ({}, hash {}) that advances the state by {} s per call, on {} "
               "cells. Imported {} by version {} ({}); ranges, cases and calibration are of dataset {}.\n\n"
               "**`{}` is a program**: once loaded it can do whatever its user can. It runs for those who "
               "imported it, or said `understudy import --trust` of this folder.\n\n",
               card.imported.engine, card.imported.file_hash, card.window_s,
               mesh::shape_text(card.grid), card.created, card.version, card.git, card.dataset_hash,
               program_file(card.imported.engine));
  text += core::format("A `{}` of {} weights that advances the state by {} s per call, on {} cells",
                       card.network.kind, card.weight_count, card.window_s,
                       mesh::shape_text(card.grid));
  text += core::format(
      ". Trained {} by version {} ({}) on dataset {}, seed {}, {} epochs, {} steps.\n\n",
      card.created, card.version, card.git, card.dataset_hash, card.seed, card.epochs, card.steps);
  return text;
}

std::string what_it_has_seen(const ModelCard& card) {
  const std::string within =
      is_imported(card.network) ? "in the dataset's training samples" : "trained within";
  std::string text = core::format("| field | unit | {} |\n| --- | --- | --- |\n", within);
  for (const FieldCard& f : card.fields)
    text += core::format("| {} | {} | {:.4g} to {:.4g}{} |\n", f.name, f.unit, f.lowest, f.highest,
                         f.constant ? ", taken as constant" : "");
  if (!card.parameters.empty()) {
    text += core::format("\n| parameter | unit | {} |\n| --- | --- | --- |\n", within);
    for (const ParameterCard& p : card.parameters)
      text += core::format("| {} | {} | {:.6g} to {:.6g} |\n", p.name, p.unit, p.lowest, p.highest);
  }
  if (!card.cases.empty()) {
    text += core::format("\n{} (a comparison on these says little):",
                         is_imported(card.network)
                             ? "Cases of the dataset's training and validation samples"
                             : "Seen in training or validation");
    for (const CaseCard& c : card.cases) {
      text += core::format("{} {} ({}", &c == card.cases.data() ? "" : ",", c.sample, c.split);
      for (std::size_t n = 0; n < c.values.size(); ++n)
        text += core::format(", {} {:.6g}", card.parameters.at(n).name, c.values[n]);
      text += ")";
    }
    text += ".\n";
  }
  return text;
}

std::string errors_of(const ModelCard& card) {
  std::string text;
  if (!card.validation.empty()) {
    text += core::format(
        "\nRelative L2 error on held-out samples (rollout of {} windows):\n\n"
        "| field | one window | rollout | a state that does not change |\n| --- | --- | --- | --- |\n",
        card.rollout_windows);
    for (const ValidationCard& e : card.validation)
      text += core::format("| {} | {:.3g} | {:.3g} | {:.3g} |\n", e.field, e.rel_l2_one_window,
                           e.rel_l2_rollout, e.persistence_rollout);
  }
  if (!card.reconstruction.empty()) {
    text += core::format(
        "\nRelative L2 error of held-out samples' frames, represented by {} modes:\n\n"
        "| field | this model | as many linear (POD) modes |\n| --- | --- | --- |\n",
        card.reconstruction.front().modes);
    for (const ReconstructionCard& r : card.reconstruction)
      text += core::format("| {} | {:.3g} | {:.3g} |\n", r.field, r.model, r.pod);
  }
  return text;
}

}  // namespace

std::string model_verdict(const ModelCard& card) {
  std::vector<ValidatedError> errors;
  for (const ValidationCard& v : card.validation) {
    bool constant = false;
    for (const FieldCard& f : card.fields) constant |= f.name == v.field && f.constant;
    if (!constant)
      errors.push_back({v.field, v.rel_l2_rollout, v.rel_l2_rollout < v.persistence_rollout});
  }
  return verdict_on(errors,
                    {core::format("on held-out samples, over {} windows", card.rollout_windows),
                     "its mean relative L2 error", "a state that does not change"});
}

namespace {

std::string gates_of(const ModelCard& card) {
  const CalibrationCard& c = card.calibration;
  if (c.windows == 0) return "";
  std::string text = core::format(
      "\nGates, calibrated on {} windows of {} rollouts (mean error {:.3g}); together they accept "
      "{:.0f}% of these windows, and {:.1f}% are accepted with an error above {:.3g}:\n\n"
      "| gate | threshold | accepts |\n| --- | --- | --- |\n",
      c.windows, c.rollouts, c.mean_error, 100 * c.accepts, 100 * c.accepts_wrong, c.error_limit);
  for (const GateCard& g : card.gates)
    text += core::format("| {} | {:.4g} | {:.0f}% |\n", g.kind, g.threshold, 100 * g.accepts);
  return text;
}

}  // namespace

std::string model_readme(const ModelCard& card) {
  std::string text = what_it_is(card);
  if (const std::string verdict = model_verdict(card); !verdict.empty())
    text += "**Beware: " + verdict + ".**\n\n";
  text += what_it_has_seen(card) + errors_of(card) + gates_of(card);
  text += core::format("\nCost: {:.0f} core-seconds of data, ", card.cost.data_core_s);
  text += is_imported(card.network)
              ? std::string("the cost of its training is not known.\n\n")
              : core::format("{:.0f} core-seconds of training.\n\n", card.cost.training_core_s);
  text += "Outside the ranges above nothing is known of its accuracy. `card.yaml` has the details";
  text += is_imported(card.network) ? ".\n" : "; `weights.safetensors` the weights by name.\n";
  return text;
}

}  // namespace understudy::surrogates
