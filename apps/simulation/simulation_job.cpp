#include "apps/simulation/simulation_job.hpp"

#include "core/format.hpp"
#include "core/memory.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::apps {

SimulationDeck with_settings(const SimulationJob& job, const std::vector<std::string>& settings) {
  DeckTree tree = job.tree;
  for (const auto& setting : settings) tree.set(setting);
  return read_simulation_deck(tree, job.make);
}

void require_simulation_fits(const SimulationDeck& deck, const mesh::Grid& grid,
                             std::size_t real_bytes, int copies) {
  const std::string size = mesh::shape_text(deck.grid());
  core::require_memory(
      {.bytes = copies * deck.physics->memory_bytes(grid, real_bytes),
       .what = core::format("{}simulation{} of {} cells (grid.cells)",
                            copies == 1 ? "a " : core::format("{} ", copies),
                            copies == 1 ? "" : "s", size),
       .remedy = core::format("use fewer cells, {}or more ranks on more machines",
                              real_bytes == sizeof(double) ? "precision: single, " : "")},
      grid.comm());
}

std::vector<std::string> case_settings(const SimulationJob& job) {
  std::vector<std::string> settings;
  for (const auto& s : job.deck.compare.parameters) settings.push_back(setting(s.key, s.value));
  return settings;
}

}  // namespace understudy::apps
