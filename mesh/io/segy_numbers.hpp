// The 4-byte floating-point numbers of IBM's System/360, as SEG-Y's format 1 has them:
//
//   value = (-1)^s * F * 16^(E - 64),   s 1 bit, E 7 bits, F = 24 bits as a fraction, 1/16 <= F < 1
//
// (IBM System/360 Principles of Operation, 1964.) 21 to 24 bits of the fraction count, and
// magnitudes reach from 5.4e-79 to 7.2e75. Published example: -118.625 is 0xC276A000.
#pragma once

#include <cstdint>
#include <optional>

namespace understudy::mesh {

/// Exact, whatever the bits; fractions that are not normalised, too.
double from_ibm(std::uint32_t bits);

/// The nearest (ties to even); numbers too small become 0 or a fraction that is not normalised. Nothing
/// where the number is too large or not finite.
std::optional<std::uint32_t> to_ibm(double value);

}  // namespace understudy::mesh
