#include "core/names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/format.hpp"

namespace understudy::core {

namespace {

constexpr const char* allowed =
    "letters, digits, _ and, after the first, spaces and . - + = @ ( ) may be used";

bool plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return lower(c); });
  return text;
}

// One code point of UTF-8 at `at`, which moves behind it; 0 where the bytes are none.
std::uint32_t next_point(const std::string& text, std::size_t& at) {
  const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(text[n]); };
  const unsigned char first = byte(at);
  const int more = first < 0x80   ? 0
                   : first < 0xC2 ? -1
                   : first < 0xE0 ? 1
                   : first < 0xF0 ? 2
                   : first < 0xF5 ? 3
                                  : -1;
  if (more < 0 || at + static_cast<std::size_t>(more) >= text.size()) return 0;
  std::uint32_t point = more == 0 ? first : first & (0x3Fu >> more);
  for (int n = 1; n <= more; ++n) {
    const unsigned char c = byte(at + static_cast<std::size_t>(n));
    if ((c & 0xC0) != 0x80) return 0;
    point = point << 6 | (c & 0x3F);
  }
  constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
  if (point < least[static_cast<std::size_t>(more)] || (point >= 0xD800 && point < 0xE000) ||
      point > 0x10FFFF)
    return 0;
  at += static_cast<std::size_t>(more) + 1;
  return point;
}

// Beyond ASCII letters of any script are fine, and what cannot be seen or turns the writing is not: control
// characters, spaces of other widths, marks of direction, private and unassigned planes.
bool visible(std::uint32_t p) {
  return p > 0xA0 && p != 0xAD && !(p >= 0x2000 && p <= 0x206F) && p != 0x3000 &&
         !(p >= 0xE000 && p <= 0xF8FF) && !(p >= 0xFE00 && p <= 0xFE0F) && p != 0xFEFF &&
         !(p >= 0xFFF0 && p <= 0xFFFF) && p < 0xE0000;
}

std::string shown(std::uint32_t p) {
  if (p == ' ') return "a space";
  if (p < 0x20 || p == 0x7F) return format("a control character (code {})", p);
  if (p < 0x80) return format("'{}'", static_cast<char>(p));
  return format("the character U+{:04X}", p);
}

bool is_device(const std::string& name) {
  const std::string stem = lower(name.substr(0, name.find('.')));
  for (const char* device : {"con", "prn", "aux", "nul", "conin$", "conout$"})
    if (stem == device) return true;
  return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
         stem[3] >= '0' && stem[3] <= '9';
}

// For messages: what cannot be printed as '?', and no more of it than is needed.
std::string printable(const std::string& name) {
  std::string text;
  for (const unsigned char c : name.substr(0, longest_name))
    text += c < 32 || c == 127 ? '?' : static_cast<char>(c);
  return name.size() > longest_name ? text + "..." : text;
}

}  // namespace

std::string name_fault(const std::string& name) {
  if (name.empty()) return "it is empty";
  if (name.size() > longest_name)
    return format("it has {} bytes; at most {} are allowed", name.size(), longest_name);
  for (std::size_t at = 0; at < name.size();) {
    const bool first = at == 0;
    const std::uint32_t point = next_point(name, at);
    if (point == 0) return format("it is no valid UTF-8 text; {}", allowed);
    const bool letter = point < 0x80 ? plain(static_cast<unsigned char>(point)) : visible(point);
    if (letter) continue;
    const bool inside =
        point < 0x80 && std::string(" .-+=@()").find(static_cast<char>(point)) != std::string::npos;
    if (!inside) return format("it contains {}; {}", shown(point), allowed);
    if (first) return format("it begins with {}; {}", shown(point), allowed);
  }
  if (name.ends_with(' ') || name.ends_with('.'))
    return format("it ends with {}", name.ends_with(' ') ? "a space" : "a dot");
  if (name.find("..") != std::string::npos) return "it contains '..'";
  if (is_device(name)) return "Windows keeps this name for a device";
  return "";
}

bool same_name(const std::string& a, const std::string& b) { return lower(a) == lower(b); }

void require_name(ParamVisitor& v, const char* key, const std::string& name) {
  if (name.empty()) return;
  const std::string fault = name_fault(name);
  v.require(fault.empty(), key, format("'{}' cannot be a name: {}", printable(name), fault));
}

std::vector<std::string> with_default_names(std::vector<std::string> names,
                                            const std::string& stem) {
  for (std::size_t n = 0; n < names.size(); ++n) {
    if (!names[n].empty()) continue;
    const auto taken = [&](const std::string& candidate) {
      return std::ranges::any_of(names,
                                 [&](const auto& other) { return same_name(other, candidate); });
    };
    std::size_t number = n + 1;
    std::string candidate = format("{}_{}", stem, number);
    while (taken(candidate)) candidate = format("{}_{}", stem, ++number);
    names[n] = candidate;
  }
  return names;
}

}  // namespace understudy::core
