// A model folder on disk: card.yaml, weights.pt, README.md. The card is read as strictly as a deck.
#pragma once

#include <filesystem>

#include "surrogates/model.hpp"

namespace understudy::apps {

/// Rank 0 only. Each file is renamed into place when complete; the card comes last.
void write_model(const std::filesystem::path& folder, surrogates::Model& model);
/// UserError naming the folder and what is missing or wrong in it.
surrogates::ModelCard read_card(const std::filesystem::path& folder);
surrogates::Model read_model(const std::filesystem::path& folder);

}  // namespace understudy::apps
