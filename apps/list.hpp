// What a program has, in words: `list` and the deck reference.
#pragma once

#include <span>
#include <string>

#include "apps/study/study.hpp"

namespace understudy::apps {

/// `understudy list`: apps, what each has to choose from, backends, which plugin brought what.
std::string list_text(std::span<const App> apps, std::span<const PluginRecord> plugins = {});

/// docs/deck_reference.md: every key of every app's deck, and of a card for `import`.
std::string deck_reference(std::span<const App> apps);

}  // namespace understudy::apps
