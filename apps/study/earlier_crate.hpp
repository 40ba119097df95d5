// What the crate of an output folder (run_crate.hpp) said before a verb began: its sums would be stale while the verb
// works, and for good where that is killed. So it makes way, and what it knows is kept for the next one.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "apps/study/folder_listing.hpp"

namespace understudy::apps {

/// By references, as the crate has them.
struct EarlierCrate {
  std::map<std::string, std::string> writers;  ///< the verb that wrote it
  std::map<std::string, std::string> sums;     ///< SHA-256 of files that have not changed since
};

/// Where the crate waits while a verb works, hidden; it stays there when the verb is killed.
inline constexpr const char* earlier_crate_name = ".ro-crate-metadata.earlier.json";

/// Moves the folder's crate out of the way where it is the program's own, and says what it, or the one that an earlier
/// call left waiting, knows of `files`, which are the folder's. A sum counts while the file has the same size and was
/// not written after the crate. Rank 0 only. Throws nothing.
EarlierCrate take_earlier_crate(const std::filesystem::path& folder, const FolderListing& files);

}  // namespace understudy::apps
