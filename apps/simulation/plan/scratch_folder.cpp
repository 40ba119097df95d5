#include "apps/simulation/plan/scratch_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <exception>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

ScratchFolder::ScratchFolder(const fs::path& out, const core::Comm& comm)
    : comm_(comm), exceptions_(std::uncaught_exceptions()) {
  std::string made;
  comm_.on_root<core::UserError>([&] {
    std::error_code none;
    fs::path folder = fs::absolute(out, none).lexically_normal();
    while (folder.has_relative_path() && !fs::is_directory(folder, none))
      folder = folder.parent_path();
    made = (folder / ".understudy_plan_XXXXXX").string();
    if (!mkdtemp(made.data()))
      throw core::UserError(core::format(
          "plan: cannot make a folder for its pilot in {}: {}; --out names where the study would write",
          folder.string(), std::strerror(errno)));
  });
  path_ = comm_.broadcast(made);
}

ScratchFolder::~ScratchFolder() {
  // Where ranks meet an error together the others read no more, and where one is alone with it nobody waits.
  if (std::uncaught_exceptions() == exceptions_) comm_.barrier();
  std::error_code ignored;
  if (comm_.is_root()) fs::remove_all(path_, ignored);
}

double bytes_in(const fs::path& folder) {
  std::error_code code;
  double bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
    std::error_code none;
    if (entry.is_regular_file(none)) bytes += static_cast<double>(entry.file_size(none));
  }
  return bytes;
}

}  // namespace understudy::apps
