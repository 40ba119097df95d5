// Files are written under a temporary name beside their place and renamed when they are complete, so
// that a full disk or a killed run leaves the previous file intact.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace understudy::core {

/// Writes `content` to `path`. UserError naming path and cause (no space, no permission) when it
/// cannot; the previous file then still stands and the temporary one is gone.
void write_file(const std::filesystem::path& path, const std::string& content);

/// PATH.PROCESS.understudy.part: what a file in the making is called, whoever writes it; core::sweep_parts
/// (kept_files.hpp) knows by it whose file it is.
std::filesystem::path part_name(const std::filesystem::path& path, long long process);

/// Calls `writer(temporary path)`, then renames onto `path`. Whatever `writer` throws passes through
/// after the temporary file is removed.
void write_file_with(const std::filesystem::path& path,
                     const std::function<void(const std::filesystem::path&)>& writer);

/// Makes the folder and those above it where they are missing. UserError "cannot make the WHAT PATH: ..." with
/// the cause; `what`: "model folder".
void make_folder(const std::filesystem::path& path, const std::string& what = "folder");

/// The whole file; UserError naming it when it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace understudy::core
