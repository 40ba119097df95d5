// A deck as it was written: the YAML tree with a line for every value, before any meaning is given to
// it. Decks use plain YAML: maps with text keys, lists and scalars in one document; anchors, aliases
// and duplicate keys are errors. Size and depth are limited, so that no file, however hostile, costs
// more than a moment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace understudy::apps {

struct DeckNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;                ///< scalar
  bool quoted = false;             ///< scalar written in quotes: text, never a number
  int line = 0;                    ///< from 1; that of the key for an entry of a map
  int setting = -1;                ///< index into DeckTree::settings where a --set gave it
  std::vector<std::string> keys;   ///< map: one per child
  std::vector<DeckNode> children;  ///< map's values, or list's items

  const DeckNode* find(const std::string& key) const;
};

/// "a text 'abc'", "a list", ...: what was given, for messages. Shortened and free of control bytes.
std::string given(const DeckNode& node);
std::string printable(const std::string& text);

struct DeckTree {
  std::string name = "deck";    ///< as messages name it: the file's path
  std::string directory = ".";  ///< where relative paths inside the deck start
  DeckNode root;
  std::vector<std::string> settings;  ///< the --set arguments applied so far

  static constexpr std::size_t max_bytes = 1 << 20;
  static constexpr std::size_t max_nodes = 50000;
  static constexpr int max_depth = 32;

  /// UserError naming file, line and what is wrong with it.
  static DeckTree parse(const std::string& text, const std::string& name);
  /// `settings` are applied in their order (set()).
  static DeckTree read(const std::filesystem::path& path,
                       const std::vector<std::string>& settings = {});

  /// Applies "path.to.key=value": lists by index (the next free one appends), missing maps are made.
  /// The value is YAML. Whether the key means anything is for the strict read to say.
  void set(const std::string& setting);

  /// "file:line" or "--set path=value".
  std::string where(const DeckNode& node) const;
};

}  // namespace understudy::apps
