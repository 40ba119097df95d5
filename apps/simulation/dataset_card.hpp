// croissant.json beside a simulation's dataset: what its files say of themselves, and their sums
// (apps/study/croissant.hpp).
#pragma once

#include "apps/simulation/simulation_job.hpp"

namespace understudy::apps {

/// Writes <dataset>/croissant.json, from rank 0, unless publication.croissant is false: then one that is there is
/// removed. Every file is read once for its sum, the files dealt over the ranks; sums of a card that is there are taken
/// over where its file has not changed. Collective. UserError where a file cannot be read or written.
void write_dataset_card(const SimulationJob& job);

/// Removes it, where it is there: before samples are added, so that one that stands is of all of them. Collective.
void remove_dataset_card(const SimulationJob& job);

}  // namespace understudy::apps
