// A model folder on disk: card.yaml, weights.safetensors, README.md. The card is read as strictly as a deck.
#pragma once

#include <filesystem>

#include "core/comm.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::apps {

/// Rank 0 only. Each file is renamed into place when complete; the card comes last.
void write_model(const std::filesystem::path& folder, surrogates::FieldModel& model);
/// UserError naming the folder and what is missing or wrong in it: of read_model() weights, too, that are
/// not those that the card was written with.
surrogates::ModelCard read_card(const std::filesystem::path& folder);
surrogates::FieldModel read_model(const std::filesystem::path& folder);
/// UserError on all ranks when one has read another card or other weights than rank 0. Collective.
void require_same_model(const std::filesystem::path& folder, const surrogates::ModelCard& card,
                        const core::Comm& comm);
/// The first 16 digits of a file's SHA-256. UserError when it cannot be read.
std::string hash_of_file(const std::filesystem::path& path);
/// Of a file of samples, or of a dataset's folder (surrogates::DatasetReader::hash).
std::string hash_of_samples(const std::filesystem::path& path);

/// Where the n-th of a model's other networks lies: <folder>/member_2...
std::filesystem::path member_folder(const std::filesystem::path& folder, int n);
/// How many networks a model folder has: 1 + member_2, member_3...
int member_count(const std::filesystem::path& folder);
/// Where the calibration of the gates lies.
inline std::filesystem::path trust_path(const std::filesystem::path& folder) {
  return folder / "trust.safetensors";
}
/// The card again, and its README.md. Rank 0 only.
void write_card(const std::filesystem::path& folder, surrogates::ModelCard& card);

}  // namespace understudy::apps
