// A folder of a test's own.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "core/comm.hpp"

namespace understudy::tests {

/// Empty at the start, seen by all ranks, removed at the end. Nothing else has its name: two clones
/// or two people may test at once. Collective over `comm`.
class Scratch {
 public:
  explicit Scratch(const core::Comm& comm = core::Comm::world()) : comm_(comm) {
    std::string name = (std::filesystem::temp_directory_path() / "understudy_XXXXXX").string();
    const bool made = !comm_.is_root() || mkdtemp(name.data());
    comm_.throw_on_all_ranks<std::runtime_error>(made ? "" : "cannot make " + name);
    path_ = comm_.broadcast(name);
  }
  ~Scratch() {
    comm_.barrier();  // no rank may still read
    std::error_code ignored;
    if (comm_.is_root()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  core::Comm comm_;
  std::filesystem::path path_;
};

}  // namespace understudy::tests
