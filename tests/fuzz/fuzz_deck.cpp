// Feeds arbitrary bytes to the deck reader. Whatever they are, the answer is a read deck or a UserError,
// at once; a deck that was read and written must read back as the same.
//
// Bytes after a line "%%" are --set arguments, one a line, so that both doors are tried.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "apps/deck_reader.hpp"
#include "apps/deck_tree.hpp"
#include "apps/deck_writer.hpp"
#include "core/error.hpp"

namespace {

using namespace understudy;

// One struct with every kind of key, shaped like a real deck: its sections are those of the inputs.
struct Body {
  std::string shape = "cylinder", file;
  std::vector<double> center_m{0, 0};
  double diameter_m = 1;
  void describe(core::ParamVisitor& v) {
    v.choice("shape", shape, {"cylinder", "box", "sphere", "naca", "stl"}, "shape");
    v.text("file", file, "file");
    v.reals("center_m", center_m, 0, {}, "m", "centre");
    v.real("diameter_m", diameter_m, {.above = 0}, "m", "diameter");
  }
};

struct Side {
  std::string kind = "slip";
  std::vector<std::string> velocity_m_s;
  void describe(core::ParamVisitor& v) {
    v.choice("kind", kind, {"periodic", "wall", "inflow", "outflow", "slip"}, "kind");
    v.texts("velocity_m_s", velocity_m_s, "velocity");
  }
};

struct Flow {
  double reynolds = 0;
  Side x_lower, x_upper;
  std::vector<Body> bodies;
  void describe(core::ParamVisitor& v) {
    v.real("reynolds", reynolds, {.at_least = 0}, "1", "Reynolds number");
    v.group("x_lower", x_lower, "side");
    v.group("x_upper", x_upper, "side");
    v.list("bodies", bodies, "bodies");
    v.require(x_lower.kind != "periodic" || x_upper.kind == "periodic", "x_upper",
              "must match x_lower");
  }
};

struct Deck {
  std::string app;
  bool vtk = true;
  int output_every = 1;
  double end_s = 1;
  std::vector<long long> cells{64, 64};
  std::vector<double> lower_m{0, 0};
  Flow flow;
  void describe(core::ParamVisitor& v) {
    v.choice("app", app, {"flow", "seismic"}, "app");
    v.require(!app.empty(), "app", "is required");
    v.flag("vtk", vtk, "write VTK");
    v.integer("output_every", output_every, {.at_least = 1}, "windows");
    v.real("end_s", end_s, {.above = 0, .below = 1e9}, "s", "end");
    v.integers("cells", cells, 0, {.at_least = 4, .at_most = 100000}, "cells");
    v.reals("lower_m", lower_m, cells.size(), {}, "m", "corner");
    v.group("flow", flow, "flow");
  }
};

void read_and_write(const std::string& text, const std::string& settings) {
  apps::DeckTree tree = apps::DeckTree::parse(text, "fuzz.yaml");
  std::istringstream lines(settings);
  for (std::string setting; std::getline(lines, setting);) tree.set(setting);
  Deck deck;
  apps::read_deck(tree, deck);

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
