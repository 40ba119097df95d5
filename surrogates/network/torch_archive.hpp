// Named tensors in a file in LibTorch's archive format (private to surrogates/), written under a
// temporary name and renamed, with a checksum: the archive's own are not verified by LibTorch when
// it reads.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace understudy::surrogates {

struct NamedTensors {
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< on the CPU, contiguous
  std::map<std::string, std::string> texts;
  const at::Tensor& at(const std::string& name) const;  ///< std::out_of_range
};

/// UserError when it cannot be written; the previous file then still stands.
void write_archive(const std::filesystem::path& path, const NamedTensors& content);
/// UserError naming `what` and the file when it is missing, is no archive or is damaged.
NamedTensors read_archive(const std::filesystem::path& path, const std::string& what);
/// The same, of the file's bytes.
NamedTensors parse_archive(const std::string& bytes, const std::filesystem::path& path,
                           const std::string& what);

/// The content of rank 0 on every rank. Collective.
void share_tensors(NamedTensors& content, const core::Comm& comm);

}  // namespace understudy::surrogates
