// Feeds arbitrary bytes to the deck reader, with the sections of the real decks. Whatever they are, the
// answer is a read deck or a UserError, at once; a deck that was read and written must read back as the
// same; its formulas are parsed and evaluated.
//
// Bytes after a line "%%" are --set arguments, one a line, so that both doors are tried.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_tree.hpp"
#include "apps/deck/deck_writer.hpp"
#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/log.hpp"
#include "mesh/grid.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/time_params.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/training/training_params.hpp"

namespace {

using namespace understudy;

// The sections of a real deck, under the names that it gives them.
struct Deck {
  std::string app;
  bool vtk = true;
  mesh::GridParams grid;
  solvers::TimeParams time;
  solvers::FlowParams flow;
  surrogates::NetworkParams network;
  surrogates::TrainingParams training;
  void describe(core::ParamVisitor& v) {
    v.choice("app", app, {"flow"}, "app");
    v.require(!app.empty(), "app", "is required");
    v.flag("vtk", vtk, "write VTK");
    v.group("grid", grid, "grid");
    v.group("time", time, "time");
    v.group("flow", flow, "flow");
    v.group("network", network, "network");
    v.group("training", training, "training");
  }
};

// A formula of the deck is read or refused, and has a value at once.
void evaluate(const std::vector<std::string>& formulas) {
  for (const std::string& formula : formulas) try {
      const core::Expression parsed(formula);
      parsed(0.25, 0.5, 0.75, 1);
    } catch (const core::UserError&) {
    }
}

void read_and_write(const std::string& text, const std::string& settings) {
  apps::DeckTree tree = apps::DeckTree::parse(text, "fuzz.yaml");
  std::istringstream lines(settings);
  for (std::string setting; std::getline(lines, setting);) tree.set(setting);
  Deck deck;
  apps::read_deck(tree, deck);
  evaluate(deck.flow.initial.velocity_m_s);
  evaluate({deck.flow.initial.scalar});
  for (const auto& side : deck.flow.boundaries.side) evaluate(side.velocity_m_s);

  const std::string written = apps::write_deck(deck, true);
  Deck again;
  apps::read_deck(apps::DeckTree::parse(written, "written.yaml"), again);
  if (apps::write_deck(again, true) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string all(reinterpret_cast<const char*>(data), size);
  const auto split = all.find("\n%%\n");
  try {
    read_and_write(all.substr(0, split), split == std::string::npos ? "" : all.substr(split + 4));
  } catch (const core::UserError&) {
    // What a bad deck deserves.
  }
  return 0;
}
