// Messages in the wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), written field by
// field: as much as a file of ONNX needs.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace understudy::surrogates {

class ProtobufMessage {
 public:
  ProtobufMessage& number(int field, std::int64_t value) {
    key(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  /// A text, bytes or another message's bytes().
  ProtobufMessage& bytes(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  ProtobufMessage& message(int field, const ProtobufMessage& value) {
    return bytes(field, value.bytes_);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, int type) { varint(static_cast<std::uint64_t>(field) << 3 | type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7f) | 0x80);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

static_assert(std::endian::native == std::endian::little, "ONNX's raw values are little-endian");

}  // namespace understudy::surrogates
