// What stands in a model's card, and which runs it fits.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/provenance.hpp"
#include "core/unit_scale.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/torch_imported_network.hpp"
#include "surrogates/network/trusted_programs.hpp"

namespace understudy::surrogates {

void FieldCard::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the field");
  v.text("unit", unit, "its unit");
  v.choice("location", location, {"cell", "face_x", "face_y", "face_z"}, "where its values lie");
  v.integer("component", component, {.at_least = 0}, "component of the field");
  v.real("mean", mean, {}, "", "mean of the values in training");
  v.real("std", std, {.above = 0}, "", "standard deviation of the values in training");
  v.real("increment_std", increment_std, {.above = 0}, "",
         "standard deviation of the change over one window");
  v.real("lowest", lowest, {}, "", "lowest value in training");
  v.real("highest", highest, {}, "", "highest value in training");
  v.flag("constant", constant,
         "it does not vary in training: the network does not see it, and mean is predicted");
}

std::vector<double> channel_scales(const std::vector<FieldCard>& fields) {
  std::vector<core::SizedQuantity> sizes;
  for (const FieldCard& f : fields)
    sizes.push_back({f.name, f.unit, std::max(std::abs(f.lowest), std::abs(f.highest))});
  std::vector<double> scales;
  for (const auto& scale : core::unit_scales(sizes)) scales.push_back(scale.size);
  return scales;
}

bool has_scale(const std::vector<FieldCard>& fields, std::size_t c) {
  return std::ranges::any_of(fields, [&](const FieldCard& other) {
    return !other.constant && other.unit == fields[c].unit;
  });
}

void mark_constants(std::vector<FieldCard>& fields) {
  constexpr double single = 4 * 1.2e-7;  // some units in the last place of a dataset's numbers
  const auto scales = channel_scales(fields);
  for (std::size_t c = 0; c < fields.size(); ++c) {
    FieldCard& f = fields[c];
    const double own = std::max(std::abs(f.lowest), std::abs(f.highest));
    f.constant = f.highest - f.lowest <= std::max(single * own, core::nothing * scales[c]);
    if (f.constant && std::abs(f.mean) <= core::nothing * scales[c]) f.mean = 0;
  }
  for (FieldCard& f : fields) {
    if (!f.constant) continue;
    f.std = f.increment_std = 0;
    for (const FieldCard& peer : fields)
      if (!peer.constant && peer.unit == f.unit) {
        f.std = std::max(f.std, peer.std);
        f.increment_std = std::max(f.increment_std, peer.increment_std);
      }
    if (f.std == 0) f.std = f.increment_std = 1;
  }
}

void ParameterCard::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the parameter");
  v.text("unit", unit, "its unit");
  v.real("mean", mean, {}, "", "mean over the training samples");
  v.real("std", std, {.above = 0}, "", "standard deviation over the training samples");
  v.real("lowest", lowest, {}, "", "lowest value in training");
  v.real("highest", highest, {}, "", "highest value in training");
}

void ValidationCard::describe(core::ParamVisitor& v) {
  v.text("field", field, "name of the field");
  v.real("rel_l2_one_window", rel_l2_one_window, {}, "", "relative L2 error after one window");
  v.real("rel_l2_rollout", rel_l2_rollout, {}, "", "relative L2 error, mean over the rollout");
  v.real("persistence_rollout", persistence_rollout, {}, "",
         "the same for a state that does not change");
}

void ReconstructionCard::describe(core::ParamVisitor& v) {
  v.text("field", field, "name of the field");
  v.integer("modes", modes, {.at_least = 1}, "number of modes");
  v.real("model", model, {.at_least = 0}, "", "relative L2 error by the model's modes");
  v.real("pod", pod, {.at_least = 0}, "", "the same by as many linear (POD) modes");
}

void CaseCard::describe(core::ParamVisitor& v) {
  v.text("sample", sample, "name of the sample");
  v.choice("split", split, {"train", "valid"}, "what it was used for");
  v.reals("values", values, 0, {}, "", "its parameters, in the order of `parameters`");
}

void GateCard::describe(core::ParamVisitor& v) {
  v.text("kind", kind, "which gate");
  v.real("threshold", threshold, {.at_least = 0}, "", "its own threshold at the quantile");
  v.real("bound", bound, {.at_least = 0}, "", "what its score may be when all gates are in use");
  v.real("accepts", accepts, {}, "", "share of the calibration windows within its threshold");
}

void CalibrationCard::describe(core::ParamVisitor& v) {
  v.integer("windows", windows, {.at_least = 0}, "windows that it rests on; 0: none was made");
  v.integer("rollouts", rollouts, {.at_least = 0}, "rollouts that these are from");
  v.integer("members", members, {.at_least = 0}, "held-out samples that these are of");
  v.real("quantile", quantile, {}, "", "share of windows that a threshold accepts");
  v.real("error_limit", error_limit, {}, "", "relative L2 error from which a window is wrong");
  v.real("risk", risk, {}, "", "largest share of windows accepted and wrong");
  v.real("combined", combined, {.at_least = 0}, "",
         "what the largest score / threshold of the gates may be");
  v.real("accepts", accepts, {}, "", "share of the calibration windows that all gates accept");
  v.real("wrong", wrong, {}, "", "share whose error exceeds error_limit");
  v.real("accepts_wrong", accepts_wrong, {}, "", "share that is accepted and wrong");
  v.real("mean_error", mean_error, {}, "", "relative L2 error, mean over the windows");
  v.text("split", split, "of the held-out samples: test, or valid, on which weights were chosen");
  v.real("core_s", core_s, {.at_least = 0}, "s", "core-seconds that it took");
  v.text("file_hash", file_hash, "of trust.safetensors, where scores and training states lie");
}

namespace {

struct GridCard {
  mesh::GridParams& grid;
  bool is_sphere;
  void describe(core::ParamVisitor& v) {
    if (!is_sphere) {
      grid.describe(v);
      return;
    }
    mesh::CubedSphereParams sphere;
    if (grid.is_sphere()) sphere = mesh::cubed_sphere_params(grid);
    sphere.describe(v);
    grid = sphere.grid_params();
  }
};

}  // namespace

void ModelCard::describe(core::ParamVisitor& v) {
  v.integer("card_version", card_version, {.at_least = 1}, "layout of this card");
  v.require(card_version <= newest, "card_version",
            core::format("is {}; this version of the program reads cards up to {}", card_version,
                         newest));
  v.text("name", name, "the dataset's name");
  v.group("network", network, "architecture");
  if (is_imported(network)) v.group("imported", imported, "how the imported program is called");
  v.list("fields", fields, "channels that are predicted, in order");
  v.require(!fields.empty(), "fields", "names no field; was the card cut off?");
  v.list("fixed", fixed, "channels that do not change, in order");
  v.list("parameters", parameters, "parameters that the network is told, in order");
  v.integer("skip_windows", skip_windows, {.at_least = 0},
            "frames that training left out at each sample's start");
  v.text("weights_hash", weights_hash, "of weights.safetensors; a file of another hash is refused");
  v.texts("member_hashes", member_hashes, "the same of the model's other networks, member_2...");
  v.list("cases", cases, "samples that training or validation saw");
  for (const CaseCard& c : cases)
    v.require(c.values.size() == parameters.size(), "cases",
              core::format("{} has {} values for {} parameters", c.sample, c.values.size(),
                           parameters.size()));
  v.real("window_s", window_s, {.above = 0}, "s", "time that one call advances");
  // The sides before the grid: joints are those of a cubed sphere, whose keys are others than a box's.
  v.texts("boundaries", boundaries, "kind of each side: x_lower, x_upper, y_lower...");
  GridCard described{grid,
                     std::ranges::find(boundaries, to_string(SideKind::joint)) != boundaries.end()};
  v.group("grid", described, "the grid of the training data");
  describe_origin(v, {.seed = "seed of weights, order and noise",
                      .epochs = "epochs trained",
                      .steps = "optimiser steps",
                      .weight_count = "number of weights"});
  v.integer("rollout_windows", rollout_windows, {.at_least = 0},
            "length of the validation rollout");
  v.list("validation", validation, "errors on held-out samples");
  v.text("verdict", verdict, "what these say against the model; empty: nothing");
  v.list("precisions", precisions, "validation rollouts with the network in each precision");
  v.list("reconstruction", reconstruction, "held-out frames by the model's modes and by POD's");
  v.list("gates", gates, "thresholds of the gates (swap.policy: gate)");
  v.group("calibration", calibration, "how these were calibrated");
  describe_cost(v);
  v.integer("ranks_per_sample", ranks_per_sample, {.at_least = 1},
            "ranks that shared a sample in training");
}

namespace {

mesh::Location location_from(const FieldCard& field) {
  using enum mesh::Location;
  for (const auto location : {cell, face_x, face_y, face_z})
    if (mesh::to_string(location) == field.location) return location;
  throw core::UserError(
      core::format("model card: field {} lies at '{}'; there are cell, face_x, face_y, face_z",
                   field.name, field.location));
}

}  // namespace

// On a cubed sphere a field of three components is a vector by its Cartesian ones.
std::vector<int> ModelCard::vector_channels() const {
  std::vector<int> first;
  for (std::size_t c = 0; grid.is_sphere() && c + 2 < fields.size(); ++c)
    if (fields[c].component == 0 && fields[c + 1].name == fields[c].name &&
        fields[c + 2].name == fields[c].name && fields[c + 2].component == 2)
      first.push_back(static_cast<int>(c));
  return first;
}

NetworkShape ModelCard::shape() const {
  NetworkShape shape;
  shape.prognostic = static_cast<int>(fields.size());
  shape.fixed = static_cast<int>(fixed.size());
  shape.parameters = static_cast<int>(parameters.size());
  for (const std::string& kind : boundaries)
    shape.boundaries.push_back(side_kind_from(kind, "model card, boundaries"));
  shape.cells = mesh::shape_of(grid);
  shape.vectors = vector_channels();
  for (const FieldCard& field : fields) shape.locations.push_back(location_from(field));
  return shape;
}

namespace {

[[noreturn]] void refuse(const ModelCard& card, const std::string& what) {
  throw core::UserError(core::format(
      "the model '{}' does not fit this run: {}. {} one for this deck, or give the deck's model.",
      card.name, what, is_imported(card.network) ? "Import" : "Train"));
}

void check_fields(const ModelCard& card, const RunDescription& run) {
  for (const auto role : {mesh::Role::prognostic, mesh::Role::fixed}) {
    const auto& channels = role == mesh::Role::prognostic ? card.fields : card.fixed;
    const char* kind = role == mesh::Role::prognostic ? "field" : "fixed field";
    std::size_t n = 0;
    for (const mesh::FieldInfo& field : run.fields) {
      if (field.role != role) continue;
      for (int c = 0; c < field.components; ++c, ++n) {
        if (n >= channels.size())
          refuse(card, core::format("the run's {} {} is not among the model's", kind, field.name));
        const FieldCard& channel = channels[n];
        if (channel.name != field.name || channel.component != c)
          refuse(card, core::format("{} {} is {} in the model and {} in the run", kind, n + 1,
                                    channel.name, field.name));
        if (channel.unit != field.unit)
          refuse(card, core::format("{} {} is in {} in the model and in {} in the run", kind,
                                    field.name, channel.unit, field.unit));
        if (channel.location != mesh::to_string(field.location))
          refuse(card, core::format("{} {} lies at {} in the model and at {} in the run", kind,
                                    field.name, channel.location, mesh::to_string(field.location)));
      }
    }
    if (n < channels.size())
      refuse(card, core::format("the model's {} {} is not in the run", kind, channels[n].name));
  }
}

double spacing(const mesh::GridParams& grid, int axis) {
  if (grid.is_sphere())
    return grid.radius_m * std::numbers::pi / 2 / static_cast<double>(grid.cells.at(axis));
  return (grid.upper_m.at(axis) - grid.lower_m.at(axis)) / static_cast<double>(grid.cells.at(axis));
}

}  // namespace

std::vector<std::string> check_card(const ModelCard& card, const RunDescription& run) {
  std::vector<std::string> warnings;
  check_fields(card, run);
  if (card.grid.is_sphere() != run.grid.is_sphere())
    refuse(card, core::format("the model's grid is a {} and the run's a {}",
                              card.grid.is_sphere() ? "cubed sphere" : "box",
                              run.grid.is_sphere() ? "cubed sphere" : "box"));
  if (card.grid.dimension() != run.grid.dimension())
    refuse(card, core::format("the model is {}-D and the run is {}-D", card.grid.dimension(),
                              run.grid.dimension()));
  for (int axis = 0; axis < run.grid.dimension(); ++axis) {
    const double theirs = spacing(card.grid, axis), ours = spacing(run.grid, axis);
    if (std::abs(theirs - ours) > 1e-6 * ours)
      refuse(card,
             core::format("the spacing along {} is {:.6g} m in the model ({} cells) and {:.6g} m "
                          "in the run ({} cells)",
                          "xyz"[axis], theirs, card.grid.cells[axis], ours, run.grid.cells[axis]));
    if (card.grid.cells[axis] != run.grid.cells[axis])
      warnings.push_back(core::format("the model was trained on {} cells along {}; this run has {}",
                                      card.grid.cells[axis], "xyz"[axis], run.grid.cells[axis]));
  }
  const SideKinds kinds = card.shape().boundaries;
  for (std::size_t side = 0; side < run.boundaries.size(); ++side)
    if (side >= kinds.size() || kinds[side] != run.boundaries[side])
      refuse(card, core::format("side {} is {} in the model and {} in the run",
                                mesh::side_name(static_cast<int>(side)),
                                side < kinds.size() ? to_string(kinds[side]) : "missing",
                                to_string(run.boundaries[side])));
  if (std::abs(card.window_s - run.window_s) > 1e-6 * run.window_s)
    refuse(card, core::format("one call advances {} s, but time.window_s is {}", card.window_s,
                              run.window_s));
  for (const ParameterCard& p : card.parameters) {
    const double value = value_of(run.parameters, p.name, "the run");
    const double slack = 1e-9 * std::max(std::abs(p.lowest), std::abs(p.highest));
    if (value < p.lowest - slack || value > p.highest + slack)
      warnings.push_back(core::format("{} = {} {} lies outside the training envelope {} to {}",
                                      p.name, value, p.unit, p.lowest, p.highest));
  }
  return warnings;
}

CaseStanding standing_of(const ModelCard& card, const std::vector<NamedValue>& parameters) {
  if (card.cases.empty()) return {};
  std::vector<double> mine;
  bool inside = true;
  for (const ParameterCard& p : card.parameters) {
    const double value = value_of(parameters, p.name, "the case");
    const double slack = 1e-9 * std::max(std::abs(p.lowest), std::abs(p.highest));
    inside &= value >= p.lowest - slack && value <= p.highest + slack;
    mine.push_back(value);
  }
  for (const CaseCard& known : card.cases) {
    bool same = known.values.size() == mine.size();
    if (!same)
      throw core::UserError(
          core::format("model card: case {} lists {} parameter values; the card has {} parameters",
                       known.sample, known.values.size(), mine.size()));
    for (std::size_t n = 0; n < mine.size(); ++n)
      same &= std::abs(mine[n] - known.values.at(n)) <= 1e-9 * std::abs(mine[n]);
    if (same) return {Standing::seen, known};
  }
  return {inside ? Standing::inside : Standing::outside, {}};
}

std::filesystem::path weights_path(const std::filesystem::path& folder, const ModelCard& card) {
  return folder / (is_imported(card.network) ? program_file(card.imported.engine)
                                             : std::string("weights.safetensors"));
}

namespace {

// A card may have been edited, and the network takes what stands there.
ModelCard completed(const ModelCard& card, const std::filesystem::path& file) {
  ModelCard whole = card;
  const auto refuse_card = [&](const std::string& why) {
    throw core::UserError(
        core::format("the card beside {}: {}; run `understudy import` again", file.string(), why));
  };
  try {
    complete(whole.imported, whole);
  } catch (const core::UserError& error) {
    refuse_card(core::format("imported.{}", error.what()));
  }
  if (card.imported.prediction != card.network.prediction)
    refuse_card(core::format("imported.prediction is {} and network.prediction {}",
                             card.imported.prediction, card.network.prediction));
  return whole;
}

FieldModel load_imported(const ModelCard& card, const std::filesystem::path& file) {
  require_engine(card.imported.engine);
  const std::string bytes = core::read_file(file);
  const std::string hash = core::sha256(bytes);
  if (hash.substr(0, 16) != card.imported.file_hash)
    throw core::UserError(
        core::format("{} is not the file that was imported (its hash differs from the card's); run "
                     "`understudy import` again",
                     file.string()));
  require_trusted(bytes, file);
  return imported_model(completed(card, file), file, hash);
}

}  // namespace

FieldModel load_model(const ModelCard& card, const std::filesystem::path& weights) {
  if (is_imported(card.network)) return load_imported(card, weights);
  FieldModel model{card, std::make_shared<Network>(card.network, card.shape(), card.seed)};
  model.network->load_weights(weights);
  return model;
}

}  // namespace understudy::surrogates
