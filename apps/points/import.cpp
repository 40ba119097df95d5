#include "apps/points/import.hpp"

#include <filesystem>

#include "apps/deck/deck_reader.hpp"
#include "apps/study/card_file.hpp"
#include "apps/study/convert_model.hpp"
#include "apps/study/new_model.hpp"
#include "apps/study/plugin_file.hpp"
#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/provenance.hpp"
#include "surrogates/network/trusted_programs.hpp"

namespace understudy::apps {

void ImportedColumn::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the feature");
  v.text("unit", unit, "its unit");
  v.real("mean", mean, {}, "", "the file's model takes, and gives, (value - mean) / std");
  v.real("std", std, {.above = 0}, "", "the file's model takes, and gives, (value - mean) / std");
  v.real(
      "lowest", lowest, {}, "",
      "lowest value in its training; lowest = highest: not known, and taken from `reference` where "
      "that is given");
  v.real("highest", highest, {}, "", "highest value in its training");
  v.require(!name.empty(), "name", "is required");
  v.require(lowest <= highest, "highest",
            core::format("is {}, which is below lowest ({})", highest, lowest));
}

void ImportDeck::describe(core::ParamVisitor& v) {
  v.text("name", name, "of the computation: letters, digits, _ and -");
  v.choice("engine", engine, {"torchscript", "aoti"},
           "what the file is: TorchScript (torch.jit.save), or an AOTInductor package "
           "(torch._inductor.aoti_compile_and_package)");
  v.choice("precision", precision, {"float32", "float64"}, "type that the model takes");
  v.list("inputs", inputs, "features, in the order in which the model takes them");
  v.list("outputs", outputs, "what it gives, in order");
  v.require(!inputs.empty(), "inputs", "must name at least one feature");
  v.require(!outputs.empty(), "outputs", "must name at least one output");
  v.text(
      "reference", reference,
      "directory of points (a SubModel's dataset), from this file's folder on, that measure the "
      "model's error and calibrate its gate; empty: no calibration, only the range can be tested");
  v.group("gate", gate, "calibration of the gate");
}

namespace {

namespace fs = std::filesystem;

std::string plugin_at(const fs::path& file) {
  try {
    return read_plugin(file);
  } catch (const core::UserError& e) {
    const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
    throw core::UserError(core::format(
        "{}. The program of a model is accepted by the model's folder: `understudy import --trust {}`",
        e.what(), folder));
  }
}

// A plugin that decks name, or the program in a model folder.
void accept(const fs::path& path) {
  std::error_code none;
  if (fs::is_regular_file(path, none)) {
    surrogates::trust_program(plugin_at(path), path);
    return core::log::info("the plugin {} is accepted, and runs whenever a deck names it",
                           path.string());
  }
  surrogates::trust_point_model(path);
  core::log::info("the program in {} is accepted, and runs whenever that model is used",
                  path.string());
}

std::vector<surrogates::ColumnCard> cards(const std::vector<ImportedColumn>& columns) {
  std::vector<surrogates::ColumnCard> all;
  for (const ImportedColumn& c : columns)
    all.push_back({c.name, c.unit, c.mean, c.std, c.lowest, c.highest});
  return all;
}

}  // namespace

void import_model(const ImportOptions& options) {
  if (options.convert)
    return core::Comm::world().on_root<core::UserError>([&] { convert_model(options.file); });
  if (options.trust)
    return core::Comm::world().on_root<core::UserError>([&] { accept(options.file); });
  ImportDeck deck;
  const DeckTree tree = DeckTree::read(options.card);
  read_deck(tree, deck);
  const core::Provenance provenance = core::describe_build_and_host(options.command);
  core::Comm::world().on_root<core::UserError>([&] {
    const fs::path folder = options.out;
    const auto before = model_files(folder, options.file);
    if (!options.overwrite) require_free(folder, before);
    surrogates::PointImport from;
    from.file = options.file;
    surrogates::PointCard& card = from.card;
    card.name = deck.name;
    card.engine = deck.engine;
    card.precision = deck.precision;
    card.inputs = cards(deck.inputs);
    card.outputs = cards(deck.outputs);
    card.version = provenance.version;
    card.git = provenance.git;
    card.created = provenance.started;
    card.host = provenance.host;
    if (!deck.reference.empty()) from.reference = fs::path(tree.directory) / deck.reference;
    from.calibration = deck.gate;
    core::log::warn("{} is a program, and is run now: it can do anything that you can",
                    options.file);
    // The model before stays whole until the new one has been tried.
    surrogates::PointCard complete = surrogates::import_point_model(from, folder);
    remove_others(folder, before,
                  {"card.yaml", "weights.safetensors", "README.md", complete.imported});
    write_card_file(folder / "card.yaml", complete);
    core::log::info("model in {}{}", folder.string(),
                    complete.gate.calibrated ? "" : "; its gate is not calibrated");
    if (const auto verdict = surrogates::point_verdict(complete); !verdict.empty())
      core::log::warn("{}", verdict);
  });
}

}  // namespace understudy::apps
