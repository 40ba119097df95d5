#include "apps/study/folder_listing.hpp"

#include "apps/study/run_crate.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

namespace {

// The program writes neither file below an output folder.
bool is_of_another_run(const fs::path& folder) {
  std::error_code none;
  return fs::exists(folder / "summary.json", none) || fs::exists(folder / crate_name, none);
}

}  // namespace

FolderListing list_folder(const fs::path& folder) {
  FolderListing files;
  std::error_code error, none;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(folder, options, error), end; !error && at != end;
       at.increment(error)) {
    const fs::path& path = at->path();
    if (path.filename().string().starts_with(".")) {
      at.disable_recursion_pending();
      continue;
    }
    const fs::file_status status = at->symlink_status(none);
    if (fs::is_directory(status) &&
        (at.depth() >= deepest_listed_folder || is_of_another_run(path)))
      at.disable_recursion_pending();
    if (!fs::is_regular_file(status)) continue;
    if (path.extension() == ".part" || path.extension() == ".partial") continue;
    FileStamp stamp;
    stamp.bytes = fs::file_size(path, none);
    if (none) continue;  // gone since
    stamp.written = fs::last_write_time(path, none);
    if (!none) files[path.lexically_relative(folder).generic_string()] = stamp;
  }
  return files;
}

}  // namespace understudy::apps
