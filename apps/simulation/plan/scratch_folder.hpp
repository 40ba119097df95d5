// A folder of a plan's own, on the file system where the study would write.
#pragma once

#include <filesystem>

#include "core/comm.hpp"

namespace understudy::apps {

/// Empty at the start, seen by all ranks, removed at the end, also where an error or a signal's Interrupted passes.
/// It lies in the nearest folder that is there above `out`, so that nothing else is made. Collective, but for a
/// destructor that an exception runs: that one waits for nobody.
class ScratchFolder {
 public:
  /// UserError where it cannot be made.
  ScratchFolder(const std::filesystem::path& out, const core::Comm& comm);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  core::Comm comm_;
  std::filesystem::path path_;
  int exceptions_;
};

/// Bytes of the files in a folder, 0 where there is none.
double bytes_in(const std::filesystem::path& folder);

}  // namespace understudy::apps
