#include "apps/study/model_folder.hpp"

#include "apps/study/card_file.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/params_text.hpp"
#include "core/provenance.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

std::string hash_of_file(const std::filesystem::path& path) {
  return core::sha256(core::read_file(path)).substr(0, 16);
}

std::string hash_of_samples(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? surrogates::DatasetReader(path).hash()
                                             : hash_of_file(path);
}

void write_model(const std::filesystem::path& folder, surrogates::FieldModel& model) {
  core::make_folder(folder, "model folder");
  // Weights first: a card that is older than them does not know their hash, and is refused with them.
  model.network->save_weights(folder / "weights.safetensors");
  model.card.weights_hash = hash_of_file(folder / "weights.safetensors");
  write_card(folder, model.card);
}

void write_card(const std::filesystem::path& folder, surrogates::ModelCard& card) {
  core::write_file(folder / "README.md", surrogates::model_readme(card));
  write_card_file(folder / "card.yaml", card);
}

std::filesystem::path member_folder(const std::filesystem::path& folder, int n) {
  return folder / core::format("member_{}", n);
}

int member_count(const std::filesystem::path& folder) {
  int count = 1;
  while (std::filesystem::exists(member_folder(folder, count + 1) / "card.yaml")) ++count;
  return count;
}

surrogates::ModelCard read_card(const std::filesystem::path& folder) {
  const auto path = folder / "card.yaml";
  if (!std::filesystem::exists(path))
    throw core::UserError(core::format(
        "no model in {} (card.yaml is missing); `understudy train` makes one, swap.model names another "
        "folder, and swap.policy=never runs the simulation",
        folder.string()));
  surrogates::ModelCard card;
  read_card_file(path, card);
  return card;
}

surrogates::FieldModel read_model(const std::filesystem::path& folder) {
  const auto card = read_card(folder);
  const auto weights = surrogates::weights_path(folder, card);
  // Cards of earlier versions have no hash; what is missing or unreadable load_model() says.
  if (!card.weights_hash.empty() && std::filesystem::exists(weights)) {
    const std::string hash = hash_of_file(weights);
    if (hash != card.weights_hash)
      throw core::UserError(core::format(
          "{} has the hash {}, and the card beside it was written for weights of hash {}: one of the "
          "two was exchanged or a training was cut off between them; `understudy train` (with --resume "
          "from its checkpoint) writes both anew",
          weights.string(), hash, card.weights_hash));
  }
  return loaded_by(folder / "card.yaml", [&] { return surrogates::load_model(card, weights); });
}

void require_same_model(const std::filesystem::path& folder, const surrogates::ModelCard& card,
                        const core::Comm& comm) {
  surrogates::ModelCard own = card;  // describe() visits what can be written, too
  const std::string mine = core::sha256(surrogates::params_text(own)).substr(0, 16);
  const std::string theirs = comm.broadcast(mine);
  comm.throw_on_all_ranks<core::UserError>(
      mine == theirs
          ? ""
          : core::format("rank {} reads another model in {} than rank 0 (card and weights of "
                         "hash {} and {}): a copy on its machine is an older one",
                         comm.rank(), folder.string(), mine, theirs));
}

}  // namespace understudy::apps
