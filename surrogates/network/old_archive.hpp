// Files of tensors as earlier versions wrote them (.pt): TorchScript archives, that is, programs, which
// LibTorch runs when it loads them. Nothing but the converter, which is told so, reads them.
#pragma once

#include <filesystem>
#include <string>

namespace understudy::surrogates {

/// "" or, where an earlier version's file lies in place of `path` (weights.pt of weights.safetensors), what
/// that is and how it is converted, to follow "no such file".
std::string said_of_old_archive(const std::filesystem::path& path);

/// RUNS `old` AS A PROGRAM, and writes its numbers into `path`. UserError where it cannot be loaded, was not
/// written by this program, or is damaged.
void convert_old_archive(const std::filesystem::path& old, const std::filesystem::path& path);

}  // namespace understudy::surrogates
