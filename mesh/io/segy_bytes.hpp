// Private to mesh/io/segy_*.cpp: where SEG-Y's headers have what, and its byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace understudy::mesh::segy {

constexpr std::size_t text_bytes = 3200, file_bytes = 400, trace_bytes = 240;
constexpr std::size_t line_count = 40, line_bytes = 80;

/// First bytes of the fields of the binary file header. The standard counts them from the file's start, from 1.
namespace in_file {
constexpr std::size_t traces = 3213, interval = 3217, interval_original = 3219, samples = 3221,
                      samples_original = 3223, format = 3225, fold = 3227, sorting = 3229,
                      system = 3255, revision = 3501, fixed_length = 3503, extended = 3505;
}

/// And of a trace's, counted from its start, from 1.
namespace in_trace {
constexpr std::size_t sequence_in_line = 1, sequence = 5, record = 9, number = 13,
                      source_point = 17, ensemble = 21, number_in_ensemble = 25, kind = 29,
                      use = 35, offset = 37, receiver_elevation = 41, surface_elevation = 45,
                      source_depth = 49, elevation_scalar = 69, coordinate_scalar = 71,
                      source_x = 73, source_y = 77, receiver_x = 81, receiver_y = 85,
                      coordinate_units = 89, delay = 109, samples = 115, interval = 117,
                      ensemble_x = 181, ensemble_y = 185, unit = 203;
}

/// A whole number, most significant byte first, of the header's byte `place` on; `first` is the number of the
/// header's first byte.
template <class Whole>
Whole get(std::string_view bytes, std::size_t place, std::size_t first = 1) {
  std::make_unsigned_t<Whole> value = 0;
  for (std::size_t n = 0; n < sizeof(Whole); ++n)
    value = static_cast<std::make_unsigned_t<Whole>>(
        static_cast<std::uint64_t>(value) << 8 |
        static_cast<unsigned char>(bytes[place - first + n]));
  return static_cast<Whole>(value);
}

template <class Whole>
void put(std::string& bytes, std::size_t place, Whole value, std::size_t first = 1) {
  auto left = static_cast<std::make_unsigned_t<Whole>>(value);
  for (std::size_t n = sizeof(Whole); n-- > 0;) {
    bytes[place - first + n] = static_cast<char>(left & 0xFF);
    left = static_cast<std::make_unsigned_t<Whole>>(static_cast<std::uint64_t>(left) >> 8);
  }
}

constexpr std::size_t first_of_file_header = text_bytes + 1;

/// EBCDIC (code page 037) from ASCII and back; what is no printable ASCII becomes '?'.
std::string to_ebcdic(std::string_view ascii);
std::string from_ebcdic(std::string_view ebcdic);
/// A textual header in either code as ASCII.
std::string decoded(std::string_view header);

}  // namespace understudy::mesh::segy
