// How ranks share out a training of fields (training.ranks_per_sample): groups of so many ranks share each sample by
// blocks of its cells, as a network on blocks does (network_blocks.hpp), and the groups share the batch (of coordinates
// of modes all ranks do). The ranks of a group follow each other, so that those of a node exchange activations within it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "surrogates/network/network_blocks.hpp"
#include "surrogates/training/training_record.hpp"

namespace understudy::surrogates {

/// By axis the first cell of each block and the number of cells: one block where a rank has whole samples, else
/// best_split() at the network's multiples. UserError, saying what would do, where the ranks do not make whole groups,
/// where a step has fewer sequences than there are groups, and where the network is not trained on blocks or its
/// cells cannot be cut into so many.
std::vector<std::vector<long long>> sample_starts(const TrainingSetup& setup,
                                                  const NetworkShape& shape, int ranks);

/// UserError where a group would have none of a step's sequences, saying whether training.batch or the samples have
/// too few. `sequences`: a step's, the batch or all that the samples have, whichever is less.
void require_work_for_groups(const TrainingSetup& setup, const NetworkShape& shape,
                             long long sequences, int ranks);

/// What gives a rank less of each sample, in words: more of these ranks to a sample, or more ranks; empty where neither
/// would be taken.
std::string more_ranks_a_sample(const TrainingSetup& setup, const NetworkShape& shape, int ranks);

/// By axis the cells of the largest block.
std::vector<long long> largest_block(const std::vector<std::vector<long long>>& starts);

/// Those of sample_starts() over this rank's group; none where a rank has whole samples. Collective.
std::optional<NetworkBlocks> sample_blocks(const TrainingSetup& setup, const NetworkShape& shape,
                                           const core::Comm& comm);

}  // namespace understudy::surrogates
