// Writing safetensors.
#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "core/format.hpp"
#include "surrogates/network/safetensors_format.hpp"

namespace understudy::surrogates {

using namespace safetensors;

namespace {

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t size = character(text);
    valid += size > 0 ? text.substr(0, size) : std::string_view("\xef\xbf\xbd");
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return valid;
}

std::string json_text(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      json += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 32)
      json += core::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      json += c;
  }
  return json + '"';
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t n : shape) text += (text.empty() ? "" : ",") + std::to_string(n);
  return "[" + text + "]";
}

}  // namespace

std::string safetensors_file(const Safetensors& given) {
  Safetensors content = given;
  for (auto& a : content.arrays) a.name = valid_utf8(a.name);
  content.texts.clear();
  for (const auto& [name, text] : given.texts) content.texts[valid_utf8(name)] = valid_utf8(text);
  content.texts[checksum_key] = checksum(content);

  std::set<std::string> names{metadata_key};
  std::vector<const SafetensorsArray*> by_width;
  for (const SafetensorsArray& a : content.arrays) {
    if (!names.insert(a.name).second) refuse("two arrays named " + printable(a.name));
    if (bytes_of(a) != a.bytes.size())
      refuse(core::format("array {} has {} bytes; its type and shape need {}", printable(a.name),
                          a.bytes.size(), bytes_of(a)));
    by_width.push_back(&a);
  }
  std::ranges::stable_sort(by_width, std::greater{},
                           [](const auto* a) { return safetensors_width(a->type); });
  std::map<std::string, std::uint64_t> begins;
  std::uint64_t size = 0;
  for (const auto* a : by_width) {
    begins[a->name] = size;
    size += a->bytes.size();
  }

  std::string header;
  for (const auto& [name, text] : content.texts)
    header += (header.empty() ? "" : ",") + json_text(name) + ":" + json_text(text);
  header = core::format("{{{}:{{{}}}", json_text(metadata_key), header);
  for (const SafetensorsArray& a : content.arrays)
    header += core::format(",{}:{{\"dtype\":{},\"shape\":{},\"data_offsets\":[{},{}]}}",
                           json_text(a.name), json_text(a.type), shape_text(a.shape),
                           begins[a.name], begins[a.name] + a.bytes.size());
  header += '}';
  header.resize((header.size() + alignment - 1) / alignment * alignment, ' ');

  const std::uint64_t length = header.size();
  std::string file(length_bytes, '\0');
  std::memcpy(file.data(), &length, length_bytes);
  file.reserve(length_bytes + length + size);
  file += header;
  for (const auto* a : by_width) file += a->bytes;
  return file;
}

}  // namespace understudy::surrogates
