// SEG-Y files made by hand, byte by byte as the standard numbers them (from 1), independently of the writer.
#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace understudy::tests {

/// Bytes, most significant first.
inline std::string big_endian(std::uint64_t value, int count) {
  std::string bytes;
  for (int n = count - 1; n >= 0; --n) bytes += static_cast<char>(value >> (8 * n) & 0xFF);
  return bytes;
}

/// Puts a whole number of `count` bytes at byte `place` of a header, counted from 1.
inline void set_bytes(std::string& header, std::size_t place, long long value, int count) {
  header.replace(place - 1, static_cast<std::size_t>(count),
                 big_endian(static_cast<std::uint64_t>(value), count));
}

/// And what stands there.
inline long long bytes_at(const std::string& file, std::size_t place, int count) {
  std::uint64_t value = 0;
  for (int n = 0; n < count; ++n)
    value = value << 8 | static_cast<unsigned char>(file[place - 1 + static_cast<std::size_t>(n)]);
  const std::uint64_t sign = 1ull << (8 * count - 1);
  return static_cast<long long>(value ^ sign) - static_cast<long long>(sign);
}

/// A file whose headers a test may change before it asks for its bytes.
struct SegyBytes {
  std::string head = std::string(3600, ' ');
  std::vector<std::string> headers, samples;

  /// IEEE floats, 2 ms, `count` samples a trace.
  explicit SegyBytes(int count) {
    head.replace(0, 1, "C");
    head.replace(3200, 400, std::string(400, '\0'));
    set_bytes(head, 3217, 2000, 2);
    set_bytes(head, 3221, count, 2);
    set_bytes(head, 3225, 5, 2);
    set_bytes(head, 3501, 0x0100, 2);
  }
  /// Receiver `number` of shot `record`, both from 1.
  std::string& add(int record, int number, const std::vector<float>& values) {
    std::string& header = headers.emplace_back(240, '\0');
    set_bytes(header, 9, record, 4);
    set_bytes(header, 13, number, 4);
    set_bytes(header, 29, 1, 2);
    set_bytes(header, 115, static_cast<long long>(values.size()), 2);
    std::string& bytes = samples.emplace_back();
    for (const float value : values) bytes += big_endian(std::bit_cast<std::uint32_t>(value), 4);
    return header;
  }
  std::string bytes() const {
    std::string all = head;
    for (std::size_t n = 0; n < headers.size(); ++n) all += headers[n] + samples[n];
    return all;
  }
};

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace understudy::tests
