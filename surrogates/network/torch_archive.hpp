// Named tensors and texts in a file of safetensors (surrogates/network/safetensors.hpp), which holds
// numbers only, written under a temporary name and renamed (private to surrogates/ and pinn/).
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace understudy::surrogates {

struct NamedTensors {
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< on the CPU, contiguous
  std::map<std::string, std::string> texts;
  const at::Tensor& at(const std::string& name) const;  ///< std::out_of_range
  /// A tensor of doubles, flat. std::out_of_range unless there are at least so many.
  std::span<const double> numbers(const std::string& name, std::size_t at_least = 0) const;
};

/// UserError when it cannot be written; the previous file then still stands.
void write_archive(const std::filesystem::path& path, const NamedTensors& content);
/// UserError naming `what` and the file when it is missing, is no such file or is damaged; of a file that an
/// earlier version wrote beside it (.pt), how it is converted.
NamedTensors read_archive(const std::filesystem::path& path, const std::string& what);
/// The same, of the file's bytes.
NamedTensors parse_archive(const std::string& bytes, const std::filesystem::path& path,
                           const std::string& what);

/// The content of rank 0 on every rank. Collective.
void share_tensors(NamedTensors& content, const core::Comm& comm);

}  // namespace understudy::surrogates
