#include "core/sha256.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace {

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

void absorb(std::array<std::uint32_t, 8>& h, const unsigned char* block) {
  std::array<std::uint32_t, 64> w;
  for (int n = 0; n < 16; ++n)
    w[n] = std::uint32_t(block[4 * n]) << 24 | std::uint32_t(block[4 * n + 1]) << 16 |
           std::uint32_t(block[4 * n + 2]) << 8 | std::uint32_t(block[4 * n + 3]);
  for (int n = 16; n < 64; ++n) {
    const auto s0 = rotate(w[n - 15], 7) ^ rotate(w[n - 15], 18) ^ (w[n - 15] >> 3);
    const auto s1 = rotate(w[n - 2], 17) ^ rotate(w[n - 2], 19) ^ (w[n - 2] >> 10);
    w[n] = w[n - 16] + s0 + w[n - 7] + s1;
  }
  std::array<std::uint32_t, 8> v = h;
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

void Sha256::add(const void* bytes, std::size_t count) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  bytes_ += count;
  while (count > 0) {
    if (held_ == 0 && count >= block_.size()) {  // no copy of what is a block already
      absorb(state_, from);
      from += block_.size();
      count -= block_.size();
      continue;
    }
    const std::size_t taken = std::min(count, block_.size() - held_);
    std::copy_n(from, taken, block_.begin() + static_cast<std::ptrdiff_t>(held_));
    held_ += taken;
    from += taken;
    count -= taken;
    if (held_ < block_.size()) continue;
    absorb(state_, block_.data());
    held_ = 0;
  }
}

std::string Sha256::hex() {
  const std::uint64_t bits = 8 * bytes_;
  std::array<unsigned char, 72> end{0x80};
  const std::size_t padded =
      (held_ + 9 + 63) / 64 * 64 - held_;  // with the eight bytes of the length
  for (std::size_t n = 0; n < 8; ++n)
    end[padded - 1 - n] = static_cast<unsigned char>(bits >> (8 * n));
  add(end.data(), padded);
  std::string text;
  for (const auto word : state_) text += core::format("{:08x}", word);
  return text;
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::error_code none;
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path, none))
    throw UserError(core::format("cannot read {}: {}", path.string(),
                                 file ? "it is no regular file" : std::strerror(errno)));
  Sha256 hash;
  std::vector<char> piece(1 << 20);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.add(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw UserError(core::format("cannot read {} to its end", path.string()));
  return hash.hex();
}

}  // namespace understudy::core
