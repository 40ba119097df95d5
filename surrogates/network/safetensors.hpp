// Safetensors (Hugging Face's public format): named arrays of numbers and texts in one file, and nothing that
// could be executed. Bytes: the header's length (8, little-endian), the header (JSON), the values.
//
//   {"__metadata__": {"text's name": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
//
// Strict, since files come from strangers: the header must fit into the file, names are given once, sizes
// follow from type and shape, and the ranges cover the values' bytes without gap or overlap. A checksum over
// names, types, shapes, values and texts stands in the metadata, so that no flipped bit passes.
// Any other program that reads safetensors reads these files. Private to surrogates/ and pinn/.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::surrogates {

/// Longest header that is read; the format's own limit.
inline constexpr std::size_t longest_safetensors_header = 100'000'000;

struct SafetensorsArray {
  std::string name;
  std::string type;                 ///< F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL
  std::vector<std::int64_t> shape;  ///< empty: one value
  std::string_view bytes;           ///< contiguous, last axis fastest; of memory that others own
};

/// The arrays stand in the order of the header.
struct Safetensors {
  std::vector<SafetensorsArray> arrays;
  std::map<std::string, std::string> texts;
};

/// Bytes of one value of that type; 0: no such type.
std::size_t safetensors_width(std::string_view type);

/// The file's bytes, with a checksum. Texts are made valid UTF-8 (U+FFFD for what is none). Wider types come
/// first among the values, so that all are aligned. std::invalid_argument for an array whose bytes do not fit
/// its type and shape, or for a name that comes twice.
std::string safetensors_file(const Safetensors& content);

/// Is the checksum asked for? Other programs write none, and the fuzz target none that fits.
enum class Checked { yes, no };

/// `file`: all bytes of a file; the arrays point into it. std::invalid_argument saying what is wrong.
Safetensors parse_safetensors(std::string_view file, Checked checked = Checked::yes);

}  // namespace understudy::surrogates
