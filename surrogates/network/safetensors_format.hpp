// What reading and writing safetensors have in common (surrogates/network/safetensors.hpp). Private to
// surrogates/network/.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "surrogates/network/safetensors.hpp"

namespace understudy::surrogates::safetensors {

static_assert(std::endian::native == std::endian::little, "safetensors' values are little-endian");

inline constexpr const char* metadata_key = "__metadata__";
inline constexpr const char* checksum_key = "checksum";
inline constexpr std::size_t length_bytes = 8, alignment = 8, most_axes = 16;

/// std::invalid_argument, which the callers of this format turn into an error that names the file.
[[noreturn]] void refuse(const std::string& why);

/// In quotes, without control characters, at most 60 bytes.
std::string printable(std::string_view name);

/// Of names, types, shapes, bytes and texts but the checksum's own, 16 hex digits.
std::string checksum(const Safetensors& content);

/// Bytes of the valid UTF-8 character at the text's start (RFC 3629); 0: there is none.
std::size_t character(std::string_view text);

/// Bytes of an array, or a refusal where the product is larger than any file.
std::uint64_t bytes_of(const SafetensorsArray& array);

}  // namespace understudy::surrogates::safetensors
