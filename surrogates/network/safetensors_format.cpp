#include "surrogates/network/safetensors_format.hpp"

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "core/format.hpp"

namespace understudy::surrogates {

std::size_t safetensors_width(std::string_view type) {
  using Width = std::pair<std::string_view, std::size_t>;
  static constexpr std::array widths{
      Width{"F64", 8}, Width{"F32", 4}, Width{"F16", 2}, Width{"BF16", 2}, Width{"I64", 8},
      Width{"I32", 4}, Width{"I16", 2}, Width{"I8", 1},  Width{"U8", 1},   Width{"BOOL", 1}};
  for (const auto& [name, width] : widths)
    if (name == type) return width;
  return 0;
}

namespace safetensors {

namespace {

// FNV-1a over 8-byte words (Fowler, Noll & Vo), the tail byte by byte. Each step maps hashes one to one, so
// that one word that differs always shows.
class Checksum {
 public:
  void add(std::string_view bytes) {
    const std::uint64_t length = bytes.size();
    word(length);
    const char* p = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, p += 8) {
      std::uint64_t value;
      std::memcpy(&value, p, 8);
      word(value);
    }
    for (; left > 0; --left, ++p) word(static_cast<unsigned char>(*p));
  }
  std::string text() const { return core::format("{:016x}", hash_); }

 private:
  void word(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 1099511628211ULL;
    hash_ ^= hash_ >> 32;
  }
  std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace

void refuse(const std::string& why) { throw std::invalid_argument(why); }

std::string printable(std::string_view name) {
  std::string clean;
  for (const unsigned char c : name.substr(0, 60)) clean += c < 32 || c == 127 ? '?' : char(c);
  return "'" + clean + (name.size() > 60 ? "...'" : "'");
}

std::string checksum(const Safetensors& content) {
  Checksum sum;
  for (const SafetensorsArray& a : content.arrays) {
    sum.add(a.name);
    sum.add(a.type);
    sum.add({reinterpret_cast<const char*>(a.shape.data()), 8 * a.shape.size()});
    sum.add(a.bytes);
  }
  for (const auto& [name, text] : content.texts) {
    if (name == checksum_key) continue;
    sum.add(name);
    sum.add(text);
  }
  return sum.text();
}

std::size_t character(std::string_view text) {
  const auto at = [&](std::size_t n) { return static_cast<unsigned char>(text[n]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xc2 && first < 0xe0   ? 2
                           : first >= 0xe0 && first < 0xf0 ? 3
                           : first >= 0xf0 && first < 0xf5 ? 4
                                                           : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t n = 1; n < size; ++n)
    if ((at(n) & 0xc0) != 0x80) return 0;
  const bool bad = (first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f) ||
                   (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f);
  return bad ? 0 : size;
}

std::uint64_t bytes_of(const SafetensorsArray& array) {
  std::uint64_t bytes = safetensors_width(array.type);
  if (bytes == 0)
    refuse(core::format("array {} has the unknown type {}", printable(array.name),
                        printable(array.type)));
  if (array.shape.size() > most_axes)
    refuse(core::format("array {} has {} axes; {} are read", printable(array.name),
                        array.shape.size(), most_axes));
  bool none = false;
  for (const std::int64_t n : array.shape) {
    if (n < 0) refuse(core::format("array {} has a negative length", printable(array.name)));
    none = none || n == 0;
  }
  if (none) return 0;
  for (const std::int64_t n : array.shape)
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(n), &bytes))
      refuse(core::format("the shape of array {} is larger than any file", printable(array.name)));
  return bytes;
}

}  // namespace safetensors

}  // namespace understudy::surrogates
