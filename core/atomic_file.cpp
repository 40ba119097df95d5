#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, const char* what, int cause) {
  throw UserError(core::format("{} {}: {}", what, path.string(), std::strerror(cause)));
}

void write_all(const fs::path& path, const std::string& content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail(path, "cannot create", errno);
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t written = ::write(file, content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int cause = written < 0 ? errno : ENOSPC;
      ::close(file);
      fail(path, "cannot write", cause);
    }
    done += static_cast<std::size_t>(written);
  }
  if (::close(file) != 0) fail(path, "cannot write", errno);
}

}  // namespace

fs::path part_name(const fs::path& path, long long process) {
  return path.string() + core::format(".{}.understudy.part", process);
}

void write_file_with(const fs::path& path, const std::function<void(const fs::path&)>& writer) {
  std::error_code error;
  if (path.has_parent_path()) {
    fs::create_directories(path.parent_path(), error);
    if (error) fail(path.parent_path(), "cannot create the folder", error.value());
  }
  const fs::path temporary = part_name(path, ::getpid());
  try {
    writer(temporary);
  } catch (...) {
    fs::remove(temporary, error);
    throw;
  }
  fs::rename(temporary, path, error);
  if (error) {
    const int cause = error.value();
    fs::remove(temporary, error);
    fail(path, "cannot rename the finished file onto", cause);
  }
}

void write_file(const fs::path& path, const std::string& content) {
  write_file_with(path, [&](const fs::path& temporary) { write_all(temporary, content); });
}

void make_folder(const fs::path& path, const std::string& what) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    throw UserError(
        core::format("cannot make the {} {}: {}", what, path.string(), error.message()));
}

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw UserError(core::format("cannot read {}: it is a folder", path.string()));
  // a pipe nobody writes to would hold the run, deaf to signals; a device may never end
  if (fs::exists(path, error) && !fs::is_regular_file(path, error))
    throw UserError(
        core::format("cannot read {}: it is no regular file, but a pipe or device", path.string()));
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path, "cannot read", errno);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) fail(path, "cannot read", errno);
  return std::move(text).str();
}

}  // namespace understudy::core
