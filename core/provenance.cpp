#include "core/provenance.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <format>
#include <fstream>

#include "core/format.hpp"
#include "core/sha256.hpp"

namespace understudy::core {

namespace {

constexpr const char* git_version =
#include "git_version.inc"
    ;

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace

std::string sha256(const std::string& text) {
  Sha256 hash;
  hash.add(text.data(), text.size());
  return hash.hex();
}

Provenance describe_build_and_host(const std::string& command) {
  Provenance p;
  p.version = UNDERSTUDY_VERSION;
  p.git = git_version;
  p.host = host_name();
  p.cpu = cpu_name();
#if defined(__clang__)
  p.compiler = core::format("clang {}", __clang_version__);
#else
  p.compiler = core::format("g++ {}", __VERSION__);
#endif
  p.started = std::format(
      "{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  p.command = command;
  return p;
}

Provenance broadcast_from_root(const Provenance& mine, const Comm& comm) {
  Provenance p = mine;
  for (std::string* text : {&p.version, &p.git, &p.host, &p.cpu, &p.compiler, &p.started,
                            &p.command, &p.deck, &p.deck_hash})
    *text = comm.broadcast(*text);
  comm.broadcast(&p.seed, sizeof p.seed);
  return p;
}

std::map<std::string, std::string> Provenance::as_map() const {
  return {{"version", version},     {"git", git},
          {"host", host},           {"cpu", cpu},
          {"compiler", compiler},   {"started", started},
          {"command", command},     {"deck", deck},
          {"deck_hash", deck_hash}, {"seed", std::to_string(seed)}};
}

}  // namespace understudy::core
