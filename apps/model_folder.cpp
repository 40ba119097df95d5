#include "apps/model_folder.hpp"

#include <format>

#include "apps/deck_reader.hpp"
#include "apps/deck_writer.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace understudy::apps {

void write_model(const std::filesystem::path& folder, surrogates::Model& model) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    throw core::UserError(
        std::format("cannot make the model folder {}: {}", folder.string(), code.message()));
  model.network->save_weights(folder / "weights.pt");
  write_card(folder, model.card);
}

void write_card(const std::filesystem::path& folder, surrogates::ModelCard& card) {
  core::write_file(folder / "README.md", surrogates::model_readme(card));
  core::write_file(folder / "card.yaml", write_deck(card, true));
}

std::filesystem::path member_folder(const std::filesystem::path& folder, int n) {
  return folder / std::format("member_{}", n);
}

int member_count(const std::filesystem::path& folder) {
  int count = 1;
  while (std::filesystem::exists(member_folder(folder, count + 1) / "card.yaml")) ++count;
  return count;
}

surrogates::ModelCard read_card(const std::filesystem::path& folder) {
  const auto path = folder / "card.yaml";
  if (!std::filesystem::exists(path))
    throw core::UserError(std::format(
        "no model in {} (card.yaml is missing); `understudy train` makes one, swap.model names another "
        "folder, and swap.policy=never runs the simulation",
        folder.string()));
  surrogates::ModelCard card;
  read_deck(DeckTree::read(path), card);
  return card;
}

surrogates::Model read_model(const std::filesystem::path& folder) {
  return surrogates::load_model(read_card(folder), folder / "weights.pt");
}

}  // namespace understudy::apps
