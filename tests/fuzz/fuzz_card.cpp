// Arbitrary bytes as a model's card: of fields, of arrays or of points, as YAML (card.yaml) or as the lines
// inside weights.safetensors. Refused, or read and written as the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_tree.hpp"
#include "apps/deck/deck_writer.hpp"
#include "core/error.hpp"
#include "core/params_text.hpp"
#include "surrogates/arrays/array_map.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/points/point_model.hpp"

namespace {

using namespace understudy;

template <class Card>
void as_yaml(const std::string& text) {
  Card card;
  apps::read_deck(apps::DeckTree::parse(text, "card.yaml"), card);
  const std::string written = apps::write_deck(card, true);
  Card again;
  apps::read_deck(apps::DeckTree::parse(written, "written.yaml"), again);
  if (apps::write_deck(again, true) != written) std::abort();
}

template <class Card>
void as_lines(const std::string& text) {
  Card card;
  surrogates::read_params_text(text, card);
  const std::string written = surrogates::params_text(card);
  Card again;
  surrogates::read_params_text(written, again);
  if (surrogates::params_text(again) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 4) {
      case 0:
        as_yaml<surrogates::ModelCard>(text);
        break;
      case 1:
        as_yaml<surrogates::ArrayMapCard>(text);
        break;
      case 2:
        as_yaml<surrogates::PointCard>(text);
        break;
      default:
        as_lines<surrogates::PointCard>(text);
    }
  } catch (const core::Error&) {
  }
  return 0;
}
