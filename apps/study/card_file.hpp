// card.yaml on disk. A card is read as strictly as a deck, and its numbers decide what a model computes: its
// first line says that its last one has a checksum of what stands between, so that a file that was cut off,
// or in which a digit was changed, is refused. Cards of earlier versions have neither line and are read as
// they are; so is a card that somebody edits and takes the first line from.
#pragma once

#include <exception>
#include <filesystem>
#include <string>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_writer.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace understudy::apps {

/// A card's text with both lines, in place of those that it may have.
std::string with_card_checksum(const std::string& yaml);
/// UserError naming file and line where the checksum is missing or another.
void require_card_checksum(const std::filesystem::path& path, const std::string& text);

template <class Card>
void write_card_file(const std::filesystem::path& path, Card& card) {
  core::write_file(path, with_card_checksum(write_deck(card, true)));
}

/// UserError naming file, line and what is wrong with it.
template <class Card>
void read_card_file(const std::filesystem::path& path, Card& card) {
  const std::string text = core::read_file(path);
  read_deck(DeckTree::parse(text, path.string()), card);
  require_card_checksum(path, text);
}

/// UserError naming the card in place of what else `load` throws: a card of an earlier version that was cut
/// off has no checksum that would tell, and describes no model.
[[noreturn]] void refuse_card(const std::filesystem::path& path, const std::string& why);
template <class Load>
auto loaded_by(const std::filesystem::path& path, const Load& load) {
  try {
    return load();
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& error) {
    refuse_card(path, error.what());
  }
}

}  // namespace understudy::apps
