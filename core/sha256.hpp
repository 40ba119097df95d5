// SHA-256 (FIPS 180-4) of what comes in pieces, and of files, which need not fit into memory. That of a text
// is core::sha256 (provenance.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace understudy::core {

class Sha256 {
 public:
  void add(const void* bytes, std::size_t count);
  /// 64 hex digits. Ends the hash: nothing may be added afterwards.
  std::string hex();

 private:
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_{};
  std::size_t held_ = 0;     ///< bytes of block_ that wait for the others
  std::uint64_t bytes_ = 0;  ///< added so far
};

/// Of a regular file's content, 64 hex digits; a MiB of memory. UserError where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace understudy::core
