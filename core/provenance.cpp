#include "core/provenance.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <format>
#include <fstream>

#include "core/format.hpp"

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

constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t rotate(std::uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

using Hash = std::array<std::uint32_t, 8>;

void absorb(Hash& h, const unsigned char* block) {
  std::array<std::uint32_t, 64> w;
  for (int n = 0; n < 16; ++n)
    w[n] = std::uint32_t(block[4 * n]) << 24 | std::uint32_t(block[4 * n + 1]) << 16 |
           std::uint32_t(block[4 * n + 2]) << 8 | std::uint32_t(block[4 * n + 3]);
  for (int n = 16; n < 64; ++n) {
    const auto s0 = rotate(w[n - 15], 7) ^ rotate(w[n - 15], 18) ^ (w[n - 15] >> 3);
    const auto s1 = rotate(w[n - 2], 17) ^ rotate(w[n - 2], 19) ^ (w[n - 2] >> 10);
    w[n] = w[n - 16] + s0 + w[n - 7] + s1;
  }
  Hash v = h;
  auto& [a, b, c, d, e, f, g, i] = v;
  for (int n = 0; n < 64; ++n) {
    const auto big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const auto t1 = i + big1 + ((e & f) ^ (~e & g)) + round_constants[n] + w[n];
    const auto big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const auto t2 = big0 + ((a & b) ^ (a & c) ^ (b & c));
    i = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  for (int n = 0; n < 8; ++n) h[n] += v[n];
}

}  // namespace

std::string sha256(const std::string& text) {
  std::string padded = text + '\x80';
  padded.resize((padded.size() + 8 + 63) / 64 * 64, '\0');
  const std::uint64_t bits = 8 * std::uint64_t(text.size());
  for (int n = 0; n < 8; ++n) padded[padded.size() - 1 - n] = static_cast<char>(bits >> (8 * n));
  Hash h{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (std::size_t n = 0; n < padded.size(); n += 64)
    absorb(h, reinterpret_cast<const unsigned char*>(padded.data()) + n);
  std::string hex;
  for (const auto word : h) hex += core::format("{:08x}", word);
  return hex;
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
