// Text with values in it: core::format("{} of {:.3g} s", n, t), in the language of std::format and
// fmt. Behind it is fmt, for a call of std::format costs seven times as much to compile (6.1 s against
// 0.85 s, docs/results/build.md). Numbers are written as std::format writes them: `{}` is the shortest
// text that reads back to the same number ("1e-04", not "0.0001"), which decks' hashes and cards rely on.
// A width or precision must stand in the text itself: no {:.{}g}.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <type_traits>

namespace understudy::core {

namespace detail {

/// A floating-point value on its way into a text.
struct ShownNumber {
  double value = 0;
  bool single = false;  ///< it was a float: fewer digits read back
};

fmt::appender write_number(const ShownNumber& number, fmt::string_view spec, fmt::appender out);

template <class T>
inline constexpr bool is_number = std::is_floating_point_v<std::remove_cvref_t<T>>;

template <class T>
using Shown = std::conditional_t<is_number<T>, ShownNumber, std::remove_cvref_t<T>>;

template <class T>
decltype(auto) shown(const T& value) {
  if constexpr (is_number<T>)
    return ShownNumber{static_cast<double>(value), std::is_same_v<T, float>};
  else
    return (value);
}

template <class... T>
std::string render(fmt::string_view text, const T&... values) {
  return fmt::vformat(text, fmt::make_format_args(values...));
}

}  // namespace detail

/// The text, checked at compile time against the values' types.
template <class... Args>
using Format = fmt::format_string<std::type_identity_t<detail::Shown<Args>>...>;

template <class... Args>
std::string format(Format<Args...> text, const Args&... values) {
  return detail::render(text, detail::shown(values)...);
}

}  // namespace understudy::core

template <>
struct fmt::formatter<understudy::core::detail::ShownNumber> {
  constexpr const char* parse(fmt::format_parse_context& context) {
    const char* end = context.begin();
    for (; end != context.end() && *end != '}'; ++end)
      if (*end == '{') throw std::runtime_error("a width or precision from a value");
    spec = {context.begin(), static_cast<std::size_t>(end - context.begin())};
    return end;
  }
  fmt::appender format(const understudy::core::detail::ShownNumber& number,
                       fmt::format_context& context) const {
    return understudy::core::detail::write_number(number, spec, context.out());
  }
  fmt::string_view spec;
};
