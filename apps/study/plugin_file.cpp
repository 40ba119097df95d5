#include "apps/study/plugin_file.hpp"

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;

constexpr const char* key = "plugins";

}  // namespace

std::string code_with_plugins(const std::string& git, const std::vector<PluginRecord>& plugins) {
  std::vector<std::string> names;
  for (const PluginRecord& plugin : plugins)
    names.push_back(core::format("+{}:{}", fs::path(plugin.file).filename().string(),
                                 plugin.sha256.substr(0, 8)));
  std::ranges::sort(names);  // the order in which they were loaded makes no other results
  std::string text = git;
  for (const std::string& name : names) text += name;
  return text;
}

std::string read_plugin(const fs::path& file) {
  std::error_code none;
  if (fs::is_directory(file, none))
    throw core::UserError(
        core::format("{} is a folder; a plugin is a shared library (libmine.so)", file.string()));
  if (!fs::exists(file, none))
    throw core::UserError(core::format("there is no plugin {}", file.string()));
  std::string bytes = core::read_file(file);
  if (bytes.starts_with("\x7f"
                        "ELF"))
    return bytes;
  const std::string kind = core::kind_of_bytes(bytes);
  throw core::UserError(core::format("{} is no shared library{}{}; a plugin is one (libmine.so)",
                                     file.string(), kind.empty() ? "" : ", ", kind));
}

std::vector<std::string> plugins_of(const DeckTree& tree) {
  const DeckNode* node = tree.root.find(key);
  if (!node) return {};
  const auto refuse = [&](const DeckNode& what) {
    throw core::UserError(
        core::format("{}: {}: expected a list of shared libraries ([libmine.so]), given {}",
                     tree.where(what), key, given(what)));
  };
  if (node->kind != DeckNode::Kind::list) refuse(*node);
  std::vector<std::string> files;
  for (const DeckNode& item : node->children) {
    if (item.kind != DeckNode::Kind::scalar || item.text.empty()) refuse(item);
    files.push_back(item.text);
  }
  return files;
}

std::vector<std::string> take_plugins(DeckTree& tree) {
  std::vector<std::string> files = plugins_of(tree);
  auto& keys = tree.root.keys;
  if (const auto at = std::ranges::find(keys, key); at != keys.end()) {
    tree.root.children.erase(tree.root.children.begin() + (at - keys.begin()));
    keys.erase(at);
  }
  return files;
}

}  // namespace understudy::apps
