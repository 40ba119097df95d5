// Statistics of a dataset's fields, as The Well has them beside its data: what trainers of others normalise by.
#pragma once

#include <filesystem>

#include "core/comm.hpp"

namespace understudy::surrogates {

/// Writes <directory>/stats.yaml: mean, std and rms of every field of the training samples by the name of its
/// dataset, and mean_delta, std_delta, rms_delta of the changes from frame to frame of those that vary. Reads
/// all training samples once, dealt over the ranks. Nothing is written where there are none. Collective.
/// UserError where a file cannot be read or written.
void write_statistics(const std::filesystem::path& directory, const core::Comm& comm);

/// Whether <directory>/stats.yaml is there. Collective.
bool has_statistics(const std::filesystem::path& directory, const core::Comm& comm);

/// Removes it, where it is there: before samples are added, so that one that stands is of all of them. Collective.
void remove_statistics(const std::filesystem::path& directory, const core::Comm& comm);

}  // namespace understudy::surrogates
