// A job on a simulation's deck: what the verbs of every physics are given.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/simulation/simulation_deck.hpp"
#include "apps/study/job.hpp"

namespace understudy::apps {

struct SimulationJob : Job {
  MakePhysics make;  ///< for the deck with other settings
  SimulationDeck deck;
  std::filesystem::path study;  ///< the folder with the dataset: `out`, but for contenders

  std::filesystem::path checkpoint() const { return out / "checkpoint.h5"; }
  std::filesystem::path dataset() const { return study / "dataset"; }
  std::filesystem::path model() const {
    return deck.swap.model.empty() ? out / "model" : std::filesystem::path(deck.swap.model);
  }
};

/// The same deck with more settings ("key=value"): an ensemble's member, a comparison's case.
SimulationDeck with_settings(const SimulationJob& job, const std::vector<std::string>& settings);
/// The settings that make the compared case of the job's deck (compare.parameters).
std::vector<std::string> case_settings(const SimulationJob& job);

/// UserError where `copies` simulations on the grid would not fit into memory. Collective.
void require_simulation_fits(const SimulationDeck& deck, const mesh::Grid& grid,
                             std::size_t real_bytes, int copies = 1);

/// Stepper and initial state of a deck. UserError where they would not fit into memory, or a formula is not
/// finite up to the deck's end. Collective.
template <class Real>
Simulation<Real> make_simulation(const SimulationDeck& deck, const core::Comm& comm) {
  const auto grid = deck.physics->make_grid(comm);
  require_simulation_fits(deck, *grid, sizeof(Real));
  deck.physics->check_course(*grid, deck.time.end_s);
  return deck.physics->simulation(Real{}, {grid, deck.directory, deck.seed});
}

}  // namespace understudy::apps
