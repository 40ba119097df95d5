// croissant.json beside a simulation's dataset: what its files say of themselves, and their sums
// (apps/study/croissant.hpp).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/simulation/simulation_job.hpp"
#include "apps/study/folder_listing.hpp"

namespace understudy::apps {

/// SHA-256 of a file that looked so.
struct KnownSum {
  FileStamp stamp;
  std::string sha256;
};
/// By the path below the dataset's folder.
using DatasetSums = std::map<std::string, KnownSum>;

/// What a card that is there has of files that are of the same size and were not written after it: to be asked before
/// remove_dataset_card(). On rank 0, empty elsewhere. Throws nothing.
DatasetSums known_sums(const SimulationJob& job);

/// Are two cards the same but for the times when they were made?
bool says_the_same(nlohmann::json one, nlohmann::json other);

/// Writes <dataset>/croissant.json, from rank 0, unless publication.croissant is false: then one that is there is
/// removed. Every file that looks otherwise than a known one is read once for its sum, rank 0's list of them dealt over
/// the ranks; what is more than 1 GiB is said. One that is there and says the same stays. Collective. UserError where a
/// file cannot be read or written; a warning where nothing was `simulated` (the same on every rank), for then the
/// dataset is whole as it was. Interrupted between two files.
void write_dataset_card(const SimulationJob& job, const DatasetSums& known, bool simulated);

/// Removes it, where it is there: before samples are added, so that one that stands is of all of them. Collective.
void remove_dataset_card(const SimulationJob& job);

}  // namespace understudy::apps
