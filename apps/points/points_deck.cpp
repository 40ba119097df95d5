#include "apps/points/points_deck.hpp"

namespace understudy::apps {

void PointsParams::describe(core::ParamVisitor& v) {
  v.text("dataset", dataset,
         "directory of the points that a SubModel collected, from the deck's folder on (empty: "
         "<out>/dataset)");
  v.text("model", model, "model folder to write, from the deck's folder on (empty: <out>/model)");
}

void PointsDeck::describe(core::ParamVisitor& v) {
  v.choice("app", app, {"points"}, "no simulation: points that another program collected");
  v.group("points", points, "the data");
  v.group("network", network, "the network");
  v.group("training", training, "how it is trained");
  v.group("gate", gate, "calibration of the gate");
}

bool is_points_deck(const JobOptions& options) {
  DeckTree tree = DeckTree::read(options.deck);
  for (const auto& setting : options.settings) tree.set(setting);
  const DeckNode* app = tree.root.find("app");
  return app && app->text == "points";
}

}  // namespace understudy::apps
