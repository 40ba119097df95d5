// SEG-Y revision 1 (SEG Technical Standards Committee 2002), the exchange format of seismic traces, of our own
// making: a textual header of 3200 bytes (EBCDIC or ASCII), a binary header of 400, textual headers more where
// the file has them, then the traces, each behind a header of 240. All numbers are big-endian.
//
// Read are samples of formats 1 (IBM floats), 2, 3 and 8 (whole numbers of 4, 2 and 1 bytes) and 5 (IEEE
// floats), written 5 or 1; sample counts and intervals are unsigned, so that up to 65535 serve. Positions are
// metres here whatever scalar, divisor or foot the file has: x, y, depth below elevation 0, where
//   depth of a receiver = -elevation (bytes 41-44),
//   depth of a source = its depth below the surface (49-52) - the surface's elevation (45-48).
//
// Limits: one length and one interval for all traces, start times of 0, coordinates that are lengths. Revision
// 2 and little-endian files are refused by name.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace understudy::mesh {

/// Data sample format codes of the standard.
enum class SegyNumbers { ibm = 1, int32 = 2, int16 = 3, ieee = 5, int8 = 8 };

/// Codes of what a trace is (bytes 29-30) and what its values are in (203-204).
namespace segy_code {
constexpr int other = -1, seismic = 1, dead = 2, water_break = 8, pressure = 11;
constexpr int any_unit = 0, pascal = 1, metre_per_second = 6;
constexpr int as_recorded = 1;  ///< sorting, bytes 3229-3230
}  // namespace segy_code

struct SegyTrace {
  int record = 0;        ///< field record, bytes 9-12: the shot
  int number = 0;        ///< within its record, 13-16
  int source_point = 0;  ///< 17-20
  int ensemble = 0;      ///< 21-24
  int kind = segy_code::seismic;
  int unit = segy_code::any_unit;
  std::array<double, 3> source{}, receiver{};  ///< x, y, depth in m
  std::array<double, 2> middle{};              ///< x, y of the ensemble in m, 181-188
  double coordinate_step_m = 1;                ///< what one unit of its coordinates is; read only
  std::vector<double> samples;
};

struct SegyFile {
  std::vector<std::string> text;  ///< up to 38 lines of 76 characters; as read all 40, of 80
  int interval = 0;               ///< between samples: microseconds; models in depth: millimetres
  SegyNumbers numbers = SegyNumbers::ieee;
  int sorting = 0;
  std::vector<SegyTrace> traces;
};

/// Has it one of the endings .sgy and .segy, in either case?
bool is_segy_path(const std::filesystem::path& path);

/// UserError naming the file and what is wrong: missing, cut off, little-endian, an unknown sample format or
/// revision, traces of different lengths or intervals, none at all, an interval of 0, angles as coordinates, a
/// sample that is not finite. Not collective.
SegyFile read_segy(const std::filesystem::path& path);

/// Complete or not there. Scalars of coordinates and of depths are the smallest that are exact. UserError
/// where a number does not fit (segy_divisor, a sample beyond the format's range or not finite) or the file
/// cannot be written; std::invalid_argument where traces are missing, of different lengths, or too long. Not
/// collective.
void write_segy(const std::filesystem::path& path, const SegyFile& file);

/// The smallest of 1, 10, 100, 1000 and 10000 that makes whole numbers of four bytes of all values in m.
/// UserError, starting with `what`, where none does.
int segy_divisor(std::span<const double> values_m, const std::string& what);

/// A whole number from 1 to 65535, which `value` must be but for rounding. UserError: "`what` is ... `unit`".
int segy_whole(double value, const std::string& what, const std::string& unit);

}  // namespace understudy::mesh
