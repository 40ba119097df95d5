// A plugin as a file: what is known of it without running anything of it. Loading is apps/plugin_loader.hpp's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"

namespace understudy::apps {

/// What results say of a plugin that took part in them.
struct PluginRecord {
  std::string file;    ///< its path, as it was given
  std::string sha256;  ///< of its bytes, 64 hex digits
  std::string stamp;   ///< what it was built for (plugin_stamp of apps/plugin.hpp)
  std::string brings;  ///< "apps: a, b; networks: c"
};

/// The code that a result is of: `git` (core::Provenance) and the plugins that were loaded, by name, with the first 8
/// digits of their hashes: "abc123+libmine.so:1a2b3c4d". Everything that compares versions of the code then sees
/// that a plugin has changed: datasets, cards, checkpoints.
std::string code_with_plugins(const std::string& git, const std::vector<PluginRecord>& plugins);

/// Its bytes. UserError where it is missing, cannot be read or is no shared library (ELF).
std::string read_plugin(const std::filesystem::path& file);

/// The deck's `plugins:` as it was written, paths from the deck's folder on; empty without the key. UserError
/// where it is no list of files.
std::vector<std::string> plugins_of(const DeckTree& tree);

/// The same, and takes the key out of the tree: it belongs to no app.
std::vector<std::string> take_plugins(DeckTree& tree);

}  // namespace understudy::apps
