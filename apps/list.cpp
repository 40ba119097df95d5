#include "apps/list.hpp"

#include <algorithm>
#include <filesystem>

#include "apps/deck/deck_writer.hpp"
#include "apps/import_fields.hpp"
#include "core/expression.hpp"
#include "core/format.hpp"
#include "core/names.hpp"
#include "core/runtime.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/network/program_engines.hpp"

namespace understudy::apps {

namespace {

CatalogSection backend_section() {
  const auto torch = surrogates::torch_info();
  const std::string onnx = surrogates::onnx_version();
  return {"Backends",
          {{"kokkos", core::Runtime::backend()},
           {"threads", std::to_string(core::Runtime::threads())},
#ifdef UNDERSTUDY_WITH_MPI
           {"mpi", "yes"},
#else
           {"mpi", "not in this build"},
#endif
#ifdef UNDERSTUDY_WITH_PETSC
           {"petsc", "yes"},
#else
           {"petsc", "not in this build"},
#endif
#ifdef UNDERSTUDY_WITH_VTK
           {"vtk", "yes"},
#else
           {"vtk", "not in this build"},
#endif
           {"torch", torch.version + ", " + torch.device},
           {"onnx", onnx.empty() ? "not in this build" : "ONNX Runtime " + onnx}}};
}

CatalogSection plugin_section(std::span<const PluginRecord> plugins) {
  CatalogSection section{"Plugins", {}};
  for (const PluginRecord& plugin : plugins)
    section.entries.push_back({std::filesystem::path(plugin.file).filename().string(),
                               core::format("{} ({}, SHA-256 {})", plugin.brings, plugin.file,
                                            plugin.sha256.substr(0, 16))});
  return section;
}

// Sections of one title become one; what several apps have is said once.
void add(std::vector<CatalogSection>& sections, const CatalogSection& part) {
  auto place = std::ranges::find(sections, part.title, &CatalogSection::title);
  if (place == sections.end()) place = sections.insert(place, CatalogSection{part.title, {}});
  for (const auto& entry : part.entries)
    if (std::ranges::find(place->entries, entry.name, &CatalogEntry::name) == place->entries.end())
      place->entries.push_back(entry);
}

std::string heading(const App& app) {
  if (!app.reference_heading.empty()) return app.reference_heading;
  return core::format("# Decks of {}\n\nWith `app: {}` a deck has these keys{}: {}.\n\n", app.name,
                      app.name, app.document.empty() ? "" : " (" + app.document + ")", app.summary);
}

// What a key that takes a formula may be given.
std::string formulas_reference() {
  const core::ExpressionWords& w = core::expression_words();
  return core::format(
      "# Formulas\n\nKeys that take a formula take one value of {} (x, y, z in m, t in s), the "
      "constant {}, numbers with a\ndecimal point, the operators `{}` and the functions {}\n(`log` and "
      "`ln` are natural, `-2^2` is -4). There are no assignments and no lists. A formula must be a\n"
      "finite number wherever it is used: `check` looks at a sample of the points and, with t, of the "
      "times; a run\nat all. Equations of `problem` (app: pinn, name: from_deck) have the deck's own names and "
      "derivatives in\nplace of x, y, z, t: docs/pinn.md, *Your equation in the deck*.\n\n",
      w.variables, w.constants, w.operators, w.functions);
}

// One rule for what becomes a file, a folder or a column.
std::string names_reference() {
  return core::format(
      "# Names\n\nNames of probes, lines and contenders become files, folders and columns. They begin "
      "with a letter (of any\nscript), a digit or `_` and go on with these, spaces and `. - + = @ ( )`; "
      "they have at most {} bytes, no `..`,\nno space or dot at the end, and are none that Windows keeps "
      "for devices (`con`, `nul`...). No two of a list\nare the same, whatever their case; contenders' "
      "have letters, digits, `_` and `-` only.\n\n",
      core::longest_name);
}

// A key of every deck, and of no app.
std::string plugins_reference() {
  return "# Plugins\n\n`plugins: [libmine.so]`, a key of every deck: shared libraries that bring apps, "
         "networks, gates or problems\nof their own, from the deck's folder on (docs/library.md, *Plugins*). They "
         "are programs: one that is not on\nyour list of trusted programs is refused. The key is no part of the "
         "deck's hash; the summary names each\nplugin with its SHA-256.\n\n";
}

}  // namespace

std::string list_text(std::span<const App> apps, std::span<const PluginRecord> plugins) {
  CatalogSection names{"Apps (app:)", {}};
  for (const App& app : apps) names.entries.push_back({app.name, app.summary});
  std::vector<CatalogSection> sections{names};
  for (const App& app : apps)
    for (const auto& part : app.parts) add(sections, part);
  sections.push_back(backend_section());
  if (!plugins.empty()) sections.push_back(plugin_section(plugins));
  std::string text;
  for (const auto& section : sections) {
    text += section.title + "\n";
    for (const auto& entry : section.entries)
      text += core::format("  {:<18} {}\n", entry.name, entry.summary);
  }
  return text;
}

std::string deck_reference(std::span<const App> apps) {
  std::string text =
      "# Deck reference\n\nEvery key of a deck, as `understudy list --deck-reference` prints it; made by "
      "the program from\nthe same declarations that read a deck. A key that is left out has its "
      "default. `[]` marks the items of\na list. Dimensioned keys end in their unit.\n\n";
  for (const App& app : apps) {
    // The first app's keys are the page's own.
    if (&app != &apps.front()) text += heading(app);
    DocWriter writer;
    app.make()->describe(writer);
    text += writer.text() + app.reference_appendix;
  }
  DocWriter import_writer;
  ImportDeck import_deck;
  import_deck.describe(import_writer);
  DocWriter field_writer;
  FieldImportDeck field_deck;
  field_deck.describe(field_writer);
  return text +
         "# Cards of imported models\n\nWhat `understudy import MODEL --card CARD --out FOLDER` is "
         "told of a model of points.\n\n" +
         import_writer.text() +
         "# Cards of imported models of fields\n\nWith `takes: fields` (docs/import.md).\n\n" +
         field_writer.text() + formulas_reference() + names_reference() + plugins_reference();
}

}  // namespace understudy::apps
