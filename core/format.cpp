// The one place that pays for std::format: numbers, as the standard library writes them.
#include "core/format.hpp"

#include <fmt/format.h>

#include <format>

namespace understudy::core::detail {

fmt::appender write_number(const ShownNumber& number, fmt::string_view spec, fmt::appender out) {
  const std::string text =
      spec.size() == 0 ? "{}" : "{:" + std::string(spec.data(), spec.size()) + "}";
  const auto single = static_cast<float>(number.value);
  const std::string written = number.single
                                  ? std::vformat(text, std::make_format_args(single))
                                  : std::vformat(text, std::make_format_args(number.value));
  return std::copy(written.begin(), written.end(), out);
}

}  // namespace understudy::core::detail
