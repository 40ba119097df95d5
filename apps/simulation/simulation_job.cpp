#include "apps/simulation/simulation_job.hpp"

namespace understudy::apps {

SimulationDeck with_settings(const SimulationJob& job, const std::vector<std::string>& settings) {
  DeckTree tree = job.tree;
  for (const auto& setting : settings) tree.set(setting);
  return read_simulation_deck(tree, job.make);
}

std::vector<std::string> case_settings(const SimulationJob& job) {
  std::vector<std::string> settings;
  for (const auto& s : job.deck.compare.parameters) settings.push_back(setting(s.key, s.value));
  return settings;
}

}  // namespace understudy::apps
