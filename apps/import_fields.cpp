#include "apps/import_fields.hpp"

#include <filesystem>

#include "apps/deck/deck_reader.hpp"
#include "apps/study/model_folder.hpp"
#include "apps/study/new_model.hpp"
#include "core/atomic_file.hpp"
#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/provenance.hpp"
#include "surrogates/network/trusted_programs.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

void FieldImportDeck::describe(core::ParamVisitor& v) {
  v.choice("takes", takes, {"fields"}, "a model of fields; cards of points do not have the key");
  v.text("name", name, "of the model; empty: the dataset's");
  v.text(
      "dataset", dataset,
      "folder of samples of the deck that the model is for, from this file's folder on: it says fields, "
      "units, grid, sides, window and ranges, and `calibrate` uses the same");
  v.require(!dataset.empty(), "dataset", "is required: `understudy generate` makes it");
  v.integer("stride", stride, {.at_least = 1, .at_most = 1000000},
            "a window is so many frames of the dataset, as fields.stride of `app: fields`");
  v.integer("skip_windows", skip_windows, {.at_least = 0},
            "frames left out at each sample's start, as training.skip_windows of the deck");
  function.describe_call(v);
  v.flag("constrain", constrain,
         "after every call the simulation's own constraints are restored (network.constrain)");
  v.texts("conserve", conserve, "fields whose integral a call leaves as it was (network.conserve)");
}

namespace {

bool takes_fields(const DeckTree& card) { return card.root.find("takes") != nullptr; }

void report(const surrogates::ImportedModel& model) {
  for (const surrogates::TrialError& e : model.trial) {
    core::log::info(
        "{}: relative L2 error {:.3g} over {} windows of a held-out sample, one at a time; of a state "
        "that does not change {:.3g}",
        e.field, e.model, model.windows, e.persistence);
    if (e.persistence > 0 && e.model >= e.persistence)
      core::log::warn(
          "{} is predicted no better than by a state that does not change: are channels, axes, "
          "normalisation and prediction what the model was trained with?",
          e.field);
  }
  if (!model.card.verdict.empty()) core::log::warn("{}", model.card.verdict);
}

void import_fields(const ImportOptions& options, const DeckTree& tree) {
  FieldImportDeck deck;
  read_deck(tree, deck);
  surrogates::FieldImport from;
  from.name = deck.name;
  from.file = options.file;
  from.dataset = fs::path(tree.directory) / deck.dataset;
  from.function = deck.function;
  from.stride = deck.stride;
  from.skip_windows = deck.skip_windows;
  from.constrain = deck.constrain;
  from.conserve = deck.conserve;
  from.provenance = core::describe_build_and_host(options.command);
  core::Comm::world().on_root<core::UserError>([&] {
    const fs::path folder = options.out;
    const auto before = model_files(folder, options.file);
    if (!options.overwrite) require_free(folder, before);
    core::log::warn("{} is a program, and is run now: it can do anything that you can",
                    options.file);
    surrogates::ImportedModel model = surrogates::import_field_model(from, folder);
    const auto file = surrogates::weights_path(folder, model.card).filename().string();
    remove_others(folder, before, {"card.yaml", "README.md", file});
    write_card(folder, model.card);
    report(model);
    core::log::info("model in {}; `understudy calibrate` makes its gates", folder.string());
  });
}

// Imported models of points have weights.safetensors, too.
bool is_field_folder(const fs::path& folder) {
  std::error_code none;
  return fs::exists(folder / "card.yaml", none) &&
         !fs::exists(folder / "weights.safetensors", none);
}

void trust_fields(const fs::path& folder) {
  const surrogates::ModelCard card = read_card(folder);
  if (!surrogates::is_imported(card.network))
    throw core::UserError(core::format(
        "the model in {} is no program: there is nothing that would have to be trusted",
        folder.string()));
  const fs::path file = surrogates::weights_path(folder, card);
  surrogates::trust_program(core::read_file(file), file);
  core::log::info("the program in {} is accepted, and runs whenever that model is used",
                  folder.string());
}

}  // namespace

void import_any(const ImportOptions& options) {
  if (options.trust && is_field_folder(options.file))
    return core::Comm::world().on_root<core::UserError>([&] { trust_fields(options.file); });
  if (!options.trust && !options.convert) {
    const DeckTree tree = DeckTree::read(options.card);
    if (takes_fields(tree)) return import_fields(options, tree);
  }
  import_model(options);
}

}  // namespace understudy::apps
