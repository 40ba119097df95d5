// The members of a deck's ensemble. On a grid: all combinations of the varied keys, numbered with the last
// key fastest; otherwise points drawn from the keys' ranges by the deck's seed (core/sampling.hpp).
// Each `repeats` times in a row; member n is the deck with these settings and another disturbance.
// Members of the splits are those that the deck lists, or so many as its fractions say (rounded, at
// least one of each split that is wanted and one to train on), drawn by the deck's seed.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

struct Member {
  SimulationDeck deck;            ///< resolved, with time.end_s as the recording needs it
  surrogates::SampleInfo sample;  ///< name, split, parameters, frames, provenance
  long long spin_up_windows = 0;
};

/// UserError when a varied key does not exist or a value is out of its bounds.
std::vector<Member> ensemble_members(const SimulationJob& job);

/// Whether a sample's resolved deck, read as today's decks are, is the member's: keys that are new since then
/// have their defaults. One that today's program cannot read is not.
bool computes_member(const SimulationJob& job, const Member& member, const std::string& deck);

/// "flow.reynolds = 120, flow.viscosity_m2_s = 0.001 m2/s".
std::string parameters_text(const surrogates::SampleInfo& sample);

/// Split of every member: train, valid or test.
std::vector<std::string> member_splits(const EnsembleParams& ensemble, long long seed);

/// UserError where the deck's members will be too short for its training (surrogates::least_frames).
void require_training_frames(const SimulationJob& job);

/// The same, and UserError where training the deck's network on one field of the deck's ensemble would take more memory than
/// there is; train() looks at all fields that the dataset has. Collective.
void require_training_fits(const SimulationJob& job);

/// UserError where the ranks cannot share out training samples as the deck says (training.ranks_per_sample).
void require_sample_blocks(const SimulationJob& job);

/// What the dataset of a deck holds. `fields`: those of the deck's stepper.
surrogates::DatasetInfo dataset_info(const SimulationJob& job,
                                     const std::vector<mesh::FieldInfo>& fields);

/// UserError when the deck's network does not take the deck's grid.
void require_network_size(const SimulationJob& job);

/// A time as whole windows, rounded up.
long long whole_windows(double duration_s, double window_s);

}  // namespace understudy::apps
