// The files of a checkpoint that every rank writes a part of: rank 0's has the checkpoint's name, and beside
// it lie NAME.rank1.GENERATION, NAME.rank2.GENERATION ... Rank 0's, written when the others are whole, names the
// generation: a run that is killed meanwhile leaves the checkpoint before as it was.
#pragma once

#include <filesystem>
#include <string>

#include "core/comm.hpp"

namespace understudy::pinn {

/// A name that no other checkpoint has, of this training or another, the same on all ranks. Collective.
std::string new_generation(const core::Comm& comm);

/// Where `rank`'s part lies. Without a generation it is NAME.rank1, as earlier versions called it.
std::filesystem::path rank_file(const std::filesystem::path& checkpoint, int rank,
                                const std::string& generation);

/// Removes the parts of all other generations, of other numbers of ranks, too; `ranks` 1: all parts. What
/// cannot be removed is left. One rank calls it.
void remove_other_generations(const std::filesystem::path& checkpoint, int ranks,
                              const std::string& generation);

}  // namespace understudy::pinn
