// The members of a deck's ensemble: all combinations of the varied keys, each `repeats` times, numbered
// with the last key fastest. Member n is the deck with these settings and another disturbance.
#pragma once

#include <string>
#include <vector>

#include "apps/job.hpp"
#include "surrogates/dataset.hpp"

namespace understudy::apps {

struct Member {
  StudyDeck deck;                 ///< resolved, with time.end_s as the recording needs it
  surrogates::SampleInfo sample;  ///< name, split, parameters, frames, provenance
  long long spin_up_windows = 0;
};

/// UserError when a varied key does not exist or a value is out of its bounds.
std::vector<Member> ensemble_members(const Job& job);

/// What the dataset of a deck holds. `fields`: those of the deck's stepper.
surrogates::DatasetInfo dataset_info(const Job& job, const std::vector<mesh::FieldInfo>& fields);

/// UserError when the deck's network does not take the deck's grid (2-D; other grids are refused when
/// the network is made).
void require_network_size(const Job& job);

/// A time as whole windows, rounded up.
long long whole_windows(double duration_s, double window_s);

}  // namespace understudy::apps
