// Reading safetensors: arbitrary bytes, so nothing in them is believed before it was looked at.
#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <vector>

#include "core/format.hpp"
#include "surrogates/network/safetensors_format.hpp"

namespace understudy::surrogates {

using namespace safetensors;

namespace {

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](int shift) { text += char(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    text += char(code);
  } else if (code < 0x800) {
    text += char(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += char(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += char(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  struct Entry {
    SafetensorsArray array;
    std::uint64_t begin = 0, end = 0;
  };

  void read(std::vector<Entry>& entries, std::map<std::string, std::string>& texts) {
    std::set<std::string> names;
    members([&](const std::string& name) {
      if (!names.insert(name).second)
        refuse(core::format("the name {} comes twice in its header", printable(name)));
      if (name == metadata_key)
        read_texts(texts);
      else
        entries.push_back(entry(name));
    });
    spaces();
    if (at_ != text_.size()) refuse("there is text behind its header");
  }

 private:
  [[noreturn]] void broken(const char* wanted) const {
    refuse(core::format("its header is broken at byte {}: {} is expected", at_ + length_bytes,
                        wanted));
  }
  void spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool next_is(char c) {
    spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, const char* wanted) {
    if (!next_is(c)) broken(wanted);
  }

  // {"name": ..., ...}; `value` reads what follows the colon.
  template <class Value>
  void members(const Value& value) {
    expect('{', "{");
    if (next_is('}')) return;
    do {
      const std::string name = string();
      expect(':', ":");
      value(name);
    } while (next_is(','));
    expect('}', "} or a comma");
  }

  void read_texts(std::map<std::string, std::string>& texts) {
    members([&](const std::string& name) {
      if (!texts.emplace(name, string()).second)
        refuse(core::format("the text {} comes twice in its header", printable(name)));
    });
  }

  Entry entry(const std::string& name) {
    Entry e;
    e.array.name = name;
    int type = 0, shape = 0, range = 0;
    members([&](const std::string& key) {
      if (key == "dtype" && type++ == 0) {
        e.array.type = string();
      } else if (key == "shape" && shape++ == 0) {
        for (const std::uint64_t n : numbers())
          e.array.shape.push_back(static_cast<std::int64_t>(n));
      } else if (key == "data_offsets" && range++ == 0) {
        const auto both = numbers();
        if (both.size() != 2)
          refuse(core::format("data_offsets of {} are not two numbers", printable(name)));
        e.begin = both[0];
        e.end = both[1];
      } else {
        refuse(core::format("array {} has an unknown or repeated key {}", printable(name),
                            printable(key)));
      }
    });
    if (type + shape + range != 3)
      refuse(core::format("array {} lacks dtype, shape or data_offsets", printable(name)));
    return e;
  }

  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    expect('[', "[");
    if (next_is(']')) return all;
    do {
      if (all.size() >= most_axes) broken("]");
      all.push_back(number());
    } while (next_is(','));
    expect(']', "] or a comma");
    return all;
  }

  // Whole, not negative, below 2^63, without leading zeros.
  std::uint64_t number() {
    spaces();
    const std::size_t begin = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (value > (std::uint64_t(std::numeric_limits<std::int64_t>::max()) - digit) / 10)
        refuse("a number in its header is too large");
      value = 10 * value + digit;
    }
    if (at_ == begin || (text_[begin] == '0' && at_ > begin + 1)) broken("a whole number");
    return value;
  }

  std::string string() {
    expect('"', "a text in quotes");
    std::string text;
    while (true) {
      if (at_ >= text_.size()) broken("a closing quote");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return text;
      }
      if (c == '\\') {
        ++at_;
        escape(text);
        continue;
      }
      const std::size_t size = c < 32 ? 0 : character(text_.substr(at_));
      if (size == 0) broken("UTF-8 without control characters");
      text += text_.substr(at_, size);
      at_ += size;
    }
  }

  void escape(std::string& text) {
    if (at_ >= text_.size()) broken("an escape");
    const char c = text_[at_++];
    constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (const auto place = names.find(c); place != names.npos) {
      text += meanings[place];
      return;
    }
    if (c != 'u') broken("an escape");
    std::uint32_t code = four_digits();
    if (code >= 0xd800 && code < 0xdc00) {
      if (text_.substr(at_, 2) != "\\u") broken("the second half of a pair");
      at_ += 2;
      const std::uint32_t low = four_digits();
      if (low < 0xdc00 || low > 0xdfff) broken("the second half of a pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      broken("the first half of a pair");
    }
    append_utf8(text, code);
  }

  std::uint32_t four_digits() {
    std::uint32_t code = 0;
    for (int n = 0; n < 4; ++n, ++at_) {
      if (at_ >= text_.size()) broken("four hexadecimal digits");
      constexpr std::string_view digits = "0123456789abcdef";
      const char c = text_[at_];
      const auto place = digits.find(c >= 'A' && c <= 'F' ? char(c - 'A' + 'a') : c);
      if (place == digits.npos) broken("four hexadecimal digits");
      code = 16 * code + static_cast<std::uint32_t>(place);
    }
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The header's text; refuses what is no such file, with a word on what it may be.
std::string_view header_of(std::string_view file) {
  if (file.starts_with("PK"))
    refuse("it is a ZIP archive (PyTorch's .pt?), not safetensors, whatever its name says");
  if (file.starts_with("version https://git-lfs"))
    refuse("it is a pointer of Git LFS; `git lfs pull` fetches the file itself");
  if (file.size() < length_bytes + 2)
    refuse(core::format("it has {} bytes, fewer than the shortest safetensors file", file.size()));
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), length_bytes);
  if (length > longest_safetensors_header || length > file.size() - length_bytes)
    refuse(core::format(
        "its header would have {} bytes, and the file has {}: no safetensors, or cut off", length,
        file.size()));
  const auto header = file.substr(length_bytes, length);
  if (!header.starts_with('{')) refuse("its header is no JSON object: no safetensors file");
  return header;
}

void require_ranges(const std::vector<HeaderReader::Entry>& entries, std::uint64_t size) {
  std::vector<const HeaderReader::Entry*> by_place;
  for (const auto& e : entries) by_place.push_back(&e);
  std::ranges::sort(by_place, {}, [](const auto* e) { return std::pair(e->begin, e->end); });
  std::uint64_t expected = 0;
  for (const auto* e : by_place) {
    if (e->begin > e->end || e->end > size)
      refuse(core::format("array {} lies at bytes {} to {} of {}: the file is cut off or damaged",
                          printable(e->array.name), e->begin, e->end, size));
    if (e->begin != expected)
      refuse(core::format("array {} begins at byte {} where the one before ends at {}",
                          printable(e->array.name), e->begin, expected));
    const std::uint64_t wanted = bytes_of(e->array);
    if (e->end - e->begin != wanted)
      refuse(core::format("array {} has {} bytes; its type and shape need {}",
                          printable(e->array.name), e->end - e->begin, wanted));
    expected = e->end;
  }
  if (expected != size) refuse(core::format("{} bytes lie behind its last array", size - expected));
}

}  // namespace

Safetensors parse_safetensors(std::string_view file, Checked checked) {
  const std::string_view header = header_of(file);
  const std::string_view values = file.substr(length_bytes + header.size());
  std::vector<HeaderReader::Entry> entries;
  Safetensors content;
  HeaderReader(header).read(entries, content.texts);
  require_ranges(entries, values.size());
  for (HeaderReader::Entry& e : entries) {
    e.array.bytes = values.substr(e.begin, e.end - e.begin);
    content.arrays.push_back(std::move(e.array));
  }
  const auto written = content.texts.find(checksum_key);
  if (checked == Checked::yes) {
    if (written == content.texts.end())
      refuse("it has no checksum in its metadata: another program wrote it");
    if (written->second != checksum(content)) refuse("its checksum does not fit its content");
  }
  if (written != content.texts.end()) content.texts.erase(written);
  return content;
}

}  // namespace understudy::surrogates
