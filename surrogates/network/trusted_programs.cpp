#include "surrogates/network/trusted_programs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/provenance.hpp"

namespace understudy::surrogates {

namespace {

std::string variable(const char* name) {
  const char* set = std::getenv(name);
  return set ? set : "";
}

// Empty: there is no place.
std::filesystem::path place() {
  if (const auto named = variable("UNDERSTUDY_TRUSTED_PROGRAMS"); !named.empty()) return named;
  const std::filesystem::path below = "understudy/trusted_programs";
  if (const auto state = variable("XDG_STATE_HOME"); !state.empty()) return state / below;
  if (const auto home = variable("HOME"); !home.empty())
    return std::filesystem::path(home) / ".local/state" / below;
  return {};
}

bool is_trusted(const std::string& hash) {
  std::ifstream list(place());
  for (std::string line; std::getline(list, line);)
    if (line.substr(0, line.find(' ')) == hash) return true;
  return false;
}

}  // namespace

std::filesystem::path trusted_programs_list() {
  const auto path = place();
  if (path.empty())
    throw core::UserError(
        "there is no place for the list of trusted programs: neither HOME, XDG_STATE_HOME nor "
        "UNDERSTUDY_TRUSTED_PROGRAMS (a file) is set");
  return path;
}

void require_trusted(const std::string& bytes, const std::filesystem::path& file,
                     const ProgramWords& words) {
  if (is_trusted(core::sha256(bytes))) return;
  throw core::UserError(core::format(
      "{} is {}, which can do anything that you can, and you have not {} it: it is not on your list "
      "{}. Where you know who made it, `{}` puts it there{}",
      file.string(), words.kind, words.deed,
      place().empty() ? "of trusted programs" : place().string(), words.accept, words.otherwise));
}

void require_trusted(const std::string& bytes, const std::filesystem::path& file) {
  require_trusted(
      bytes, file,
      {.kind = "a program (TorchScript, AOTInductor, ONNX)",
       .deed = "imported",
       .accept = core::format("understudy import --trust {}", file.parent_path().string()),
       .otherwise = ""});
}

void trust_program(const std::string& bytes, const std::filesystem::path& file) {
  const std::string hash = core::sha256(bytes);
  if (is_trusted(hash)) return;
  const auto path = trusted_programs_list();
  if (path.has_parent_path()) core::make_folder(path.parent_path(), "folder of trusted programs");
  std::string name = std::filesystem::absolute(file).string();
  for (char& c : name) c = c == '\n' ? ' ' : c;
  const std::string line = hash + " " + name + "\n";
  // Appended in one call: several programs may do so at once.
  const int list = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool written =
      list >= 0 && ::write(list, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int cause = errno;
  if (list >= 0) ::close(list);
  if (!written)
    throw core::UserError(core::format("cannot write the list of trusted programs {}: {}",
                                       path.string(), std::strerror(cause)));
}

}  // namespace understudy::surrogates
