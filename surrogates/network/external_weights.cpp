#include "surrogates/network/external_weights.hpp"

#include <cstddef>
#include <cstdint>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

enum class Message { none, model, graph, node, attribute, tensor, sparse, function, training };

// onnx.proto (version 1.17): where messages that may hold tensors lie.
Message within(Message outer, std::uint64_t field) {
  using enum Message;
  switch (outer) {
    case model:
      return field == 7 ? graph : field == 20 ? training : field == 25 ? function : none;
    case graph:
      return field == 1 ? node : field == 5 ? tensor : field == 15 ? sparse : none;
    case node:
      return field == 5 ? attribute : none;
    case attribute:
      if (field == 5 || field == 10) return tensor;
      if (field == 6 || field == 11) return graph;
      return field == 22 || field == 23 ? sparse : none;
    case sparse:
      return field == 1 || field == 2 ? tensor : none;
    case function:
      return field == 7 ? node : field == 11 ? attribute : none;
    case training:
      return field == 1 || field == 2 ? graph : none;
    default:
      return none;
  }
}

constexpr std::uint64_t external_data = 13, data_location = 14;  // of a tensor

// The wire format's values, one by one (protobuf.dev/programming-guides/encoding). What is cut off ends it: ONNX
// Runtime refuses such a file.
class Wire {
 public:
  explicit Wire(std::string_view bytes) : bytes_(bytes) {}
  bool more() const { return at_ < bytes_.size(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; more(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  std::string_view take(std::uint64_t count) {
    const std::string_view part = bytes_.substr(at_, static_cast<std::size_t>(count));
    at_ += part.size();
    return part;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

constexpr int deepest = 100;  // as in Protocol Buffers' own readers

bool has_external(std::string_view bytes, Message message, int depth) {
  Wire wire(bytes);
  while (wire.more()) {
    const auto key = static_cast<std::uint32_t>(wire.varint());
    const std::uint64_t field = key >> 3;
    switch (key & 7) {
      case 0:
        if (const auto value = wire.varint();
            message == Message::tensor && field == data_location && value != 0)
          return true;
        break;
      case 1:
        wire.take(8);
        break;
      case 2: {
        const std::string_view inner = wire.take(wire.varint());
        if (message == Message::tensor && field == external_data) return true;
        const Message next = within(message, field);
        if (next != Message::none && depth < deepest && has_external(inner, next, depth + 1))
          return true;
        break;
      }
      case 5:
        wire.take(4);
        break;
      default:  // a group's begin or end: its fields are looked through as if they were here
        break;
    }
  }
  return false;
}

}  // namespace

void require_own_weights(const std::filesystem::path& file, std::string_view bytes) {
  if (has_external(bytes, Message::model, 0))
    throw core::UserError(core::format(
        "{} has weights in another file, which is not taken: one file with its weights in it is "
        "wanted. torch.onnx.export(..., dynamo=False), or with dynamo=True external_data=False, writes "
        "it; onnx.save(onnx.load(FILE), NEW) puts them together",
        file.string()));
}

}  // namespace understudy::surrogates
