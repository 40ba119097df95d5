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

/// Regular files; not what is half-written (.part, .partial), nor hidden, nor what lies behind links. Empty where the
/// folder cannot be read. One process does it.
FolderListing list_folder(const std::filesystem::path& folder);

}  // namespace understudy::apps
