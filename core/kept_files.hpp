// What must not be thrown away, and what may: files that make room for others keep another name, and the
// temporary files of processes that are gone are removed.
#pragma once

#include <filesystem>

namespace understudy::core {

/// Renames `path` to the first free <stem>.before_1<extension>, <stem>.before_2..., and returns that.
/// UserError when it cannot.
std::filesystem::path set_aside(const std::filesystem::path& path);
/// The same as a copy: the file itself stays where it is.
std::filesystem::path copy_aside(const std::filesystem::path& path);

/// Removes NAME.PID.understudy.part (part_name() in atomic_file.hpp) in `folder` and the folders down to
/// `depth` below it where no process of that number is alive on this machine; and NAME.PID.part, as earlier
/// versions called them, where NAME is a file of a kind that they wrote. Links are not followed. Returns how
/// many; what cannot be removed is left.
int sweep_parts(const std::filesystem::path& folder, int depth = 3);

}  // namespace understudy::core
