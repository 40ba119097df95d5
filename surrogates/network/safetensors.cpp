#include "surrogates/network/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <set>
#include <stdexcept>

#include "core/format.hpp"

namespace understudy::surrogates {

static_assert(std::endian::native == std::endian::little, "safetensors' values are little-endian");

namespace {

constexpr const char* metadata_key = "__metadata__";
constexpr const char* checksum_key = "checksum";
constexpr std::size_t length_bytes = 8, alignment = 8, most_axes = 16;

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

std::string printable(std::string_view name) {
  std::string clean;
  for (const unsigned char c : name.substr(0, 60)) clean += c < 32 || c == 127 ? '?' : char(c);
  return "'" + clean + (name.size() > 60 ? "...'" : "'");
}

// --- checksum ------------------------------------------------------------------------------------

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

// --- UTF-8 ---------------------------------------------------------------------------------------

// Bytes of the valid character at the text's start (RFC 3629); 0: there is none.
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

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t size = character(text);
    valid += size > 0 ? text.substr(0, size) : std::string_view("\xef\xbf\xbd");
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return valid;
}

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

// --- sizes ---------------------------------------------------------------------------------------

// Bytes of an array, or a refusal where the product is larger than any file.
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

// --- header, read ----------------------------------------------------------------------------------

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

// --- header, written -------------------------------------------------------------------------------

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

std::size_t safetensors_width(std::string_view type) {
  using Width = std::pair<std::string_view, std::size_t>;
  static constexpr std::array widths{
      Width{"F64", 8}, Width{"F32", 4}, Width{"F16", 2}, Width{"BF16", 2}, Width{"I64", 8},
      Width{"I32", 4}, Width{"I16", 2}, Width{"I8", 1},  Width{"U8", 1},   Width{"BOOL", 1}};
  for (const auto& [name, width] : widths)
    if (name == type) return width;
  return 0;
}

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
