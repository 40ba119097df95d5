// What --resume may go on from: only what the same deck left, but for keys that say how long, how often and
// where to, and not what is computed.
#pragma once

#include <filesystem>
#include <string>

#include "apps/deck/deck_keys.hpp"

namespace understudy::apps {

/// UserError with both hashes and the keys that differ, unless the keys that made `file` are `ours`. Both
/// are without those that may change, which `free` names for the message.
void require_same_keys(const std::filesystem::path& file, const DeckKeys& theirs,
                       const DeckKeys& ours, const std::string& free);

/// The same where the other deck's keys cannot be known: by the hashes alone, with the `reason`.
void require_same_hash(const std::filesystem::path& file, const std::string& theirs,
                       const std::string& ours, const std::string& reason);

}  // namespace understudy::apps
