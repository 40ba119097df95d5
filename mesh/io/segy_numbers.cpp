#include "mesh/io/segy_numbers.hpp"

#include <cmath>

namespace understudy::mesh {

double from_ibm(std::uint32_t bits) {
  const int exponent = static_cast<int>((bits >> 24) & 0x7F) - 64;
  const double fraction = std::ldexp(static_cast<double>(bits & 0xFFFFFF), -24 + 4 * exponent);
  return bits >> 31 ? -fraction : fraction;
}

std::optional<std::uint32_t> to_ibm(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  const std::uint32_t sign = std::signbit(value) ? 0x80000000u : 0;
  if (value == 0) return sign;
  int two = 0;
  std::frexp(value, &two);  // |value| = m 2^two, 1/2 <= m < 1
  int exponent = two > 0 ? (two + 3) / 4 : -(-two / 4);
  if (exponent < -64) exponent = -64;
  auto digits =
      static_cast<std::uint32_t>(std::nearbyint(std::ldexp(std::abs(value), 24 - 4 * exponent)));
  if (digits == 0x1000000) {
    digits >>= 4;
    ++exponent;
  }
  if (exponent > 63) return std::nullopt;
  return sign | static_cast<std::uint32_t>(exponent + 64) << 24 | digits;
}

}  // namespace understudy::mesh
