#include <cstdio>

#include "apps/catalog.hpp"
#include "apps/deck/deck_writer.hpp"
#include "apps/pinn/pinn_deck.hpp"
#include "apps/points/import_deck.hpp"
#include "apps/points/points_deck.hpp"
#include "apps/seismic/seismic_deck.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "core/format.hpp"

namespace understudy::apps::verbs {

void list() {
  if (!core::Comm::world().is_root()) return;
  std::string text;
  for (const auto& section : catalog()) {
    text += section.title + "\n";
    for (const auto& entry : section.entries)
      text += core::format("  {:<18} {}\n", entry.name, entry.summary);
  }
  std::fputs(text.c_str(), stdout);
}

namespace {

// The deck's keys, and the constants of each problem.
std::string pinn_reference() {
  DocWriter writer;
  PinnDeck deck;
  deck.describe(writer);
  std::string text =
      "# Decks of physics-informed networks\n\nWith `app: pinn` a deck has these keys "
      "(docs/pinn.md). `weights` takes the names of the problem's\nterms, `problem.constants` its "
      "constants, below.\n\n" +
      writer.text();
  for (const auto& entry : pinn_problems()) {
    if (entry.constants.empty()) continue;
    DocWriter section;
    PinnConstants constants{&entry, {}};
    constants.describe(section);
    const std::string table = section.text();  // begins with the heading of a deck's top
    text += core::format("## `problem.constants` of {}\n\n{}.{}", entry.name, entry.summary,
                         table.substr(table.find("\n\n")));
  }
  return text;
}

}  // namespace

void deck_reference() {
  if (!core::Comm::world().is_root()) return;
  std::string text =
      "# Deck reference\n\nEvery key of a deck, as `understudy list --deck-reference` prints it; made by "
      "the program from\nthe same declarations that read a deck. A key that is left out has its "
      "default. `[]` marks the items of\na list. Dimensioned keys end in their unit.\n\n";
  DocWriter writer;
  StudyDeck deck;
  deck.describe(writer);
  text += writer.text();
  for (const auto& name : domain_names()) {
    if (name == deck.domain->name()) continue;
    DocWriter section;
    const auto domain = make_domain(name);
    section.group(name.c_str(), *domain, domain->summary().c_str());
    text += section.text();
  }
  DocWriter seismic_writer;
  SeismicDeck seismic_deck;
  seismic_deck.describe(seismic_writer);
  text +=
      "# Decks of waves\n\nWith `app: seismic` a deck has these keys (docs/numerics_seismic.md).\n\n" +
      seismic_writer.text();
  text += pinn_reference();
  DocWriter points_writer;
  PointsDeck points_deck;
  points_deck.describe(points_writer);
  text +=
      "# Decks of points\n\nWith `app: points` a deck trains a model of points (docs/library.md) and "
      "has these keys alone.\n\n" +
      points_writer.text();
  DocWriter import_writer;
  ImportDeck import_deck;
  import_deck.describe(import_writer);
  text +=
      "# Cards of imported models\n\nWhat `understudy import MODEL --card CARD --out FOLDER` is "
      "told.\n\n" +
      import_writer.text();
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::verbs
