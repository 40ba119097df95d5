// The numbers of a comparison in summary.json.
#pragma once

#include "apps/simulation/contenders.hpp"
#include "apps/simulation/simulation_deck.hpp"
#include "apps/study/summary.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::apps {

/// Errors, those beside persistence and climatology, the simulation's own where it is known, speed-ups with their reasons, quantities of both sides, and
/// every classical run. Warns in the log of quantities with a note.
void summarise(const surrogates::ComparisonResult& result, const SimulationDeck& deck,
               Summary& summary);
/// Below `contenders.<name>`: errors and speed-ups.
void summarise(const ContenderResult& contender, Summary& summary);

}  // namespace understudy::apps
