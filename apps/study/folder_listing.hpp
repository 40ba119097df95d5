// The files of an output folder, to tell what a verb wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace understudy::apps {

struct FileStamp {
  std::uintmax_t bytes = 0;
  std::filesystem::file_time_type written = {};
  bool operator==(const FileStamp&) const = default;
};

/// By the path relative to the folder, "/" between folders.
using FolderListing = std::map<std::string, FileStamp>;

/// Folders so far below are listed, those below them not: as deep as models of a deck's contenders lie, and one more.
inline constexpr int deepest_listed_folder = 4;

/// Regular files; not what is half-written (.part, .partial), nor hidden, nor what lies behind links, nor what lies in
/// a folder with results of its own (a summary.json or a crate: the folder of another run). Empty where the folder
/// cannot be read. One process does it.
FolderListing list_folder(const std::filesystem::path& folder);

}  // namespace understudy::apps
