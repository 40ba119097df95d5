#include "core/kept_files.hpp"

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace fs = std::filesystem;

namespace {

fs::path free_name(const fs::path& path) {
  std::error_code none;
  for (int n = 1;; ++n) {
    fs::path name = path.parent_path() /
                    format("{}.before_{}{}", path.stem().string(), n, path.extension().string());
    if (!fs::exists(fs::symlink_status(name, none))) return name;
  }
}

// Earlier versions wrote NAME.PID.part, as others may: what kinds of files they wrote tells them apart.
bool is_of_earlier_version(fs::path name) {
  constexpr std::array<const char*, 22> written{
      ".json",   ".csv",         ".html", ".png", ".vti",  ".pvti", ".vts",  ".pvts",
      ".vtu",    ".pvtu",        ".pvd",  ".h5",  ".hdf5", ".pt",   ".yaml", ".md",
      ".vtkhdf", ".safetensors", ".sgy",  ".vtp", ".py",   ".nc"};
  if (name.extension().string().starts_with(".rank")) name = name.stem();  // a rank's checkpoint
  return std::ranges::find(written, name.extension().string()) != written.end();
}

bool is_alive(long long process) {
  return ::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM;
}

// The number in NAME.PID.understudy.part; 0: the name is another one.
long long writer_of(const fs::path& path) {
  if (path.extension() != ".part") return 0;
  fs::path name = path.stem();
  if (name.extension() == ".understudy")
    name = name.stem();
  else if (!is_of_earlier_version(name.stem()))
    return 0;
  const std::string digits = name.extension().string();  // ".123"
  long long process = 0;
  const char* end = digits.data() + digits.size();
  const auto read =
      std::from_chars(digits.data() + std::min<std::size_t>(1, digits.size()), end, process);
  return read.ec == std::errc() && read.ptr == end && process < (1LL << 31) ? process : 0;
}

}  // namespace

fs::path set_aside(const fs::path& path) {
  const fs::path aside = free_name(path);
  std::error_code error;
  fs::rename(path, aside, error);
  if (error)
    throw UserError(format("cannot rename {} to {}: {}", path.string(), aside.filename().string(),
                           error.message()));
  return aside;
}

fs::path copy_aside(const fs::path& path) {
  const fs::path aside = free_name(path);
  std::error_code error;
  fs::copy_file(path, aside, error);
  if (error)
    throw UserError(format("cannot copy {} to {}: {}", path.string(), aside.filename().string(),
                           error.message()));
  return aside;
}

int sweep_parts(const fs::path& folder, int depth) {
  int swept = 0;
  std::error_code error, ignored;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(folder, options, error), end; !error && at != end;
       at.increment(error)) {
    if (at.depth() >= depth) at.disable_recursion_pending();
    const fs::path& path = at->path();
    const long long process = writer_of(path);
    if (process <= 0 || is_alive(process) || !fs::is_regular_file(at->symlink_status(ignored)))
      continue;
    swept += fs::remove(path, ignored) ? 1 : 0;
  }
  return swept;
}

}  // namespace understudy::core
