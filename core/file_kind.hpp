// What a file is that is not what was asked for: the mistakes that are usual, and how they are mended.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace understudy::core {

/// By its first bytes (a few hundred are enough): "but a Git LFS pointer: `git lfs pull` fetches the file
/// itself", to stand behind "it is no ...,". Empty for texts and for what is not known.
std::string kind_of_bytes(std::string_view start);

/// The same of a file; empty where it cannot be read.
std::string kind_of_file(const std::filesystem::path& path);

}  // namespace understudy::core
