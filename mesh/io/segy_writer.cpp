#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/segy_bytes.hpp"
#include "mesh/io/segy_file.hpp"
#include "mesh/io/segy_numbers.hpp"

namespace understudy::mesh {

namespace {

namespace fs = std::filesystem;
using namespace segy;

constexpr double largest = std::numeric_limits<std::int32_t>::max();
constexpr int finest = 10000;

std::int32_t whole(double value_m, int divisor) {
  return static_cast<std::int32_t>(std::nearbyint(value_m * divisor));
}

std::string text_header(const std::vector<std::string>& lines) {
  std::string all;
  for (std::size_t n = 1; n <= line_count; ++n) {
    std::string line = core::format("C{:2} ", n);
    if (n == line_count - 1)
      line += "SEG Y REV1";
    else if (n == line_count)
      line += "END TEXTUAL HEADER";
    else if (n <= lines.size())
      line += lines[n - 1];
    line.resize(line_bytes, ' ');
    all += line;
  }
  return to_ebcdic(all);
}

// Bytes 3213-3214: of the first record, where that fits.
std::int16_t traces_a_record(const SegyFile& file) {
  std::size_t count = 0;
  while (count < file.traces.size() && file.traces[count].record == file.traces.front().record)
    ++count;
  return static_cast<std::int16_t>(count <= 32767 ? count : 0);
}

std::string file_header(const SegyFile& file) {
  std::string bytes(file_bytes, '\0');
  const auto two = [&](std::size_t place, int value) {
    put<std::uint16_t>(bytes, place, static_cast<std::uint16_t>(value), first_of_file_header);
  };
  const int samples = static_cast<int>(file.traces.front().samples.size());
  two(in_file::traces, traces_a_record(file));
  two(in_file::interval, file.interval);
  two(in_file::interval_original, file.interval);
  two(in_file::samples, samples);
  two(in_file::samples_original, samples);
  two(in_file::format, static_cast<int>(file.numbers));
  two(in_file::fold, 1);
  two(in_file::sorting, file.sorting);
  two(in_file::system, 1);
  two(in_file::revision, 0x0100);
  two(in_file::fixed_length, 1);
  return bytes;
}

struct Divisors {
  int across = 1, up = 1;
};

Divisors divisors_of(const SegyFile& file, const std::string& where) {
  std::vector<double> across, up;
  for (const SegyTrace& trace : file.traces) {
    for (const auto* place : {&trace.source, &trace.receiver}) {
      across.insert(across.end(), {(*place)[0], (*place)[1]});
      up.push_back((*place)[2]);
    }
    across.insert(across.end(), {trace.middle[0], trace.middle[1]});
  }
  return {segy_divisor(across, where + ": a coordinate"), segy_divisor(up, where + ": a depth")};
}

std::string trace_header(const SegyTrace& trace, int number, int interval, Divisors by) {
  std::string bytes(trace_bytes, '\0');
  const auto four = [&](std::size_t place, std::int32_t value) {
    put<std::int32_t>(bytes, place, value);
  };
  const auto two = [&](std::size_t place, int value) {
    put<std::uint16_t>(bytes, place, static_cast<std::uint16_t>(value));
  };
  const auto scalar = [](int divisor) { return divisor == 1 ? 1 : -divisor; };
  four(in_trace::sequence_in_line, number);
  four(in_trace::sequence, number);
  four(in_trace::record, trace.record);
  four(in_trace::number, trace.number);
  four(in_trace::source_point, trace.source_point);
  four(in_trace::ensemble, trace.ensemble);
  four(in_trace::number_in_ensemble, trace.ensemble != 0 ? 1 : 0);
  two(in_trace::kind, trace.kind);
  two(in_trace::use, 1);
  const double x = trace.receiver[0] - trace.source[0], y = trace.receiver[1] - trace.source[1];
  four(in_trace::offset, whole(std::copysign(std::min(std::hypot(x, y), largest), x), 1));
  four(in_trace::receiver_elevation, -whole(trace.receiver[2], by.up));
  four(in_trace::source_depth, whole(trace.source[2], by.up));
  two(in_trace::elevation_scalar, scalar(by.up));
  two(in_trace::coordinate_scalar, scalar(by.across));
  four(in_trace::source_x, whole(trace.source[0], by.across));
  four(in_trace::source_y, whole(trace.source[1], by.across));
  four(in_trace::receiver_x, whole(trace.receiver[0], by.across));
  four(in_trace::receiver_y, whole(trace.receiver[1], by.across));
  two(in_trace::coordinate_units, 1);
  two(in_trace::samples, static_cast<int>(trace.samples.size()));
  two(in_trace::interval, interval);
  four(in_trace::ensemble_x, whole(trace.middle[0], by.across));
  four(in_trace::ensemble_y, whole(trace.middle[1], by.across));
  two(in_trace::unit, trace.unit);
  return bytes;
}

// Nothing where the number does not fit.
std::optional<std::uint32_t> bits_of(double value, SegyNumbers numbers) {
  if (numbers == SegyNumbers::ibm) return to_ibm(value);
  const auto single = static_cast<float>(value);
  if (!std::isfinite(single)) return std::nullopt;
  return std::bit_cast<std::uint32_t>(single);
}

std::string sample_bytes(const SegyTrace& trace, int number, SegyNumbers numbers,
                         const std::string& where) {
  std::string bytes(4 * trace.samples.size(), '\0');
  for (std::size_t n = 0; n < trace.samples.size(); ++n) {
    const auto bits = bits_of(trace.samples[n], numbers);
    if (!bits)
      throw core::UserError(core::format(
          "{}: sample {} of trace {} is {}, which no {} float of four bytes holds", where, n,
          number, trace.samples[n], numbers == SegyNumbers::ibm ? "IBM" : "IEEE"));
    put<std::uint32_t>(bytes, 4 * n, *bits, 0);
  }
  return bytes;
}

void require_whole(const SegyFile& file) {
  if (file.traces.empty() || file.text.size() > line_count - 2)
    throw std::invalid_argument("SEG-Y needs traces, and up to 38 lines of text");
  const std::size_t samples = file.traces.front().samples.size();
  for (const SegyTrace& trace : file.traces)
    if (trace.samples.size() != samples)
      throw std::invalid_argument("traces of one SEG-Y file have one length");
  if (samples < 1 || samples > 65535 || file.interval < 1 || file.interval > 65535)
    throw std::invalid_argument(
        "SEG-Y has 1 to 65535 samples a trace and an interval in that range");
  if (file.numbers != SegyNumbers::ieee && file.numbers != SegyNumbers::ibm)
    throw std::invalid_argument("SEG-Y is written in IEEE or IBM floats");
}

}  // namespace

int segy_divisor(std::span<const double> values_m, const std::string& what) {
  double size = 1;
  for (const double value : values_m) size = std::max(size, std::abs(value));
  const double rounding = 1e-12 * size;  // of decimals, and of points between two ends
  int divisor = 1;
  const auto exact = [&](double value) {
    return std::abs(std::nearbyint(value * divisor) / divisor - value) <= rounding;
  };
  for (const double value : values_m) {
    while (divisor < finest && !exact(value)) divisor *= 10;
    if (!exact(value))
      throw core::UserError(core::format(
          "{} is {:.10g} m; SEG-Y holds whole numbers of a metre's 10th to 10000th part", what,
          value));
  }
  for (const double value : values_m)
    if (!(std::abs(value) * divisor <= largest))
      throw core::UserError(core::format(
          "{} is {:.10g} m; in units of 1/{} m, which another one needs, SEG-Y holds up to {:.10g} m",
          what, value, divisor, largest / divisor));
  return divisor;
}

int segy_whole(double value, const std::string& what, const std::string& unit) {
  const double nearest = std::nearbyint(value);
  if (std::abs(value - nearest) <= 1e-9 * std::abs(value) && nearest >= 1 && nearest <= 65535)
    return static_cast<int>(nearest);
  throw core::UserError(core::format("{} is {:.10g} {}; SEG-Y holds whole numbers from 1 to 65535",
                                     what, value, unit));
}

void write_segy(const fs::path& path, const SegyFile& file) {
  require_whole(file);
  const std::string where = path.string();
  const Divisors by = divisors_of(file, where);
  core::write_file_with(path, [&](const fs::path& temporary) {
    errno = 0;
    std::ofstream out(temporary, std::ios::binary);
    out << text_header(file.text) << file_header(file);
    int number = 0;
    for (const SegyTrace& trace : file.traces) {
      if (!out) break;
      ++number;
      out << trace_header(trace, number, file.interval, by)
          << sample_bytes(trace, number, file.numbers, where);
    }
    if (!out.flush())
      throw core::UserError(core::format("cannot write {}: {}", where, std::strerror(errno)));
  });
}

}  // namespace understudy::mesh
