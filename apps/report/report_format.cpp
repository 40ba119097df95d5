#include "apps/report/report_format.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

constexpr const char* missing = "not reached";

std::string trim_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// As printf's %.*e or %.*f.
std::string written(double value, std::chars_format style, int digits) {
  std::array<char, 512> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, style, digits);
  return {text.data(), end.ptr};
}

}  // namespace

std::string escape(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string number(double value, int digits) {
  if (!std::isfinite(value)) return missing;
  if (value == 0) return "0";
  // Rounded first, so that 9.9999 counts as 10.
  std::string text = written(value, std::chars_format::scientific, digits - 1);
  const std::size_t e = text.find('e');
  const int power = std::stoi(text.substr(e + 1));
  if (power >= -3 && power < 6) {
    return trim_zeros(written(value, std::chars_format::fixed, std::max(0, digits - 1 - power)));
  }
  return trim_zeros(text.substr(0, e)) + core::format("e{}", power);
}

bool reached(const core::Maybe<double>& value) { return value.known && std::isfinite(value.value); }

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return missing;
  return number(100 * fraction, std::abs(fraction) < 1 ? 2 : 3) + "%";
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return missing;
  const double size = std::abs(seconds);
  if (size == 0) return "0 s";
  if (size < 1e-3) return number(seconds * 1e6) + " µs";
  if (size < 1) return number(seconds * 1e3) + " ms";
  if (size < 120) return number(seconds) + " s";
  if (size < 7200) return number(seconds / 60) + " min";
  return number(seconds / 3600) + " h";
}

std::string core_time(double core_seconds) {
  if (!std::isfinite(core_seconds)) return missing;
  std::string text = number(core_seconds, 4) + " core-s";
  if (core_seconds >= 1800) text += " (" + number(core_seconds / 3600) + " core-h)";
  return text;
}

std::string without_stop(std::string reason) {
  while (!reason.empty() && (reason.back() == '.' || reason.back() == ' ')) reason.pop_back();
  return reason;
}

std::string plain_name(const std::string& name, const std::string& app, const std::string& unit) {
  std::string text = name;
  const std::size_t dot = text.find('.');
  if (!app.empty() && dot != std::string::npos) text.erase(0, dot + 1);
  std::string ending = "_";
  for (const char c : unit) {
    const auto u = static_cast<unsigned char>(c);
    ending += std::isalnum(u) ? static_cast<char>(std::tolower(u)) : '_';
  }
  const bool names_unit = unit != "1" && ending.size() > 1;
  if (names_unit && text.size() > ending.size() && text.ends_with(ending))
    text.erase(text.size() - ending.size());
  for (char& c : text) {
    if (c == '_') c = ' ';
  }
  return text;
}

std::string plain_unit(const std::string& unit) {
  std::string text;
  for (std::size_t n = 0; n < unit.size(); ++n) {
    const bool power = n > 0 && std::isalpha(static_cast<unsigned char>(unit[n - 1]));
    if (power && unit[n] == '2') {
      text += "²";
    } else if (power && unit[n] == '3') {
      text += "³";
    } else {
      text += unit[n];
    }
  }
  return text;
}

std::string with_unit(const std::string& value, const std::string& unit) {
  if (unit.empty() || unit == "1" || value == missing) return value;
  return value + " " + plain_unit(unit);
}

std::string name_and_unit(const std::string& name, const std::string& unit) {
  if (unit.empty() || unit == "1") return name;
  return name + " [" + plain_unit(unit) + "]";
}

std::string base64(const std::string& bytes) {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t n = 0; n < bytes.size(); n += 3) {
    std::uint32_t group = 0;
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - n);
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[n + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= have ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

}  // namespace understudy::apps::report
