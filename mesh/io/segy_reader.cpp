#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"
#include "mesh/io/segy_bytes.hpp"
#include "mesh/io/segy_file.hpp"
#include "mesh/io/segy_numbers.hpp"

namespace understudy::mesh {

namespace {

namespace fs = std::filesystem;
using namespace segy;

constexpr double foot_m = 0.3048;

class Input {
 public:
  explicit Input(const fs::path& path) : path_(path) {
    std::error_code error;
    if (!fs::exists(path, error)) fail("there is no such file");
    if (!fs::is_regular_file(path, error)) fail("is no regular file");
    left_ = fs::file_size(path, error);
    stream_.open(path, std::ios::binary);
    if (error || !stream_) fail("cannot be read");
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw core::UserError(core::format("{}: {}", path_.string(), what));
  }
  std::uintmax_t left() const { return left_; }
  std::string take(std::size_t count, const std::string& what) {
    if (left_ < count)
      fail(core::format("is cut off: {} wants {} bytes, and {} are left", what, count, left_));
    std::string bytes(count, '\0');
    if (!stream_.read(bytes.data(), static_cast<std::streamsize>(count))) fail("reading failed");
    left_ -= count;
    return bytes;
  }

 private:
  fs::path path_;
  std::ifstream stream_;
  std::uintmax_t left_ = 0;
};

// What the headers before the traces say.
struct Head {
  SegyNumbers numbers = SegyNumbers::ieee;
  std::size_t number_bytes = 4, samples = 0;
  int interval = 0, sorting = 0, extended = 0;
  double unit_m = 1;
};

std::size_t bytes_of(int format) {
  switch (format) {
    case 1:
    case 2:
    case 5:
      return 4;
    case 3:
      return 2;
    case 8:
      return 1;
    default:
      return 0;
  }
}

void set_format(const Input& in, Head& head, int format) {
  head.number_bytes = bytes_of(format);
  if (head.number_bytes > 0) {
    head.numbers = static_cast<SegyNumbers>(format);
    return;
  }
  const int swapped = (format & 0xFF) << 8 | (format >> 8 & 0xFF);
  if (swapped >= 1 && swapped <= 16)
    in.fail(core::format(
        "is a little-endian file (its sample format is {} in that order); SEG-Y revision 1 is big-endian: "
        "`segyio` (endian='little') or `segyread endian=0` convert it",
        swapped));
  in.fail(core::format(
      "has samples of format {} (bytes 3225-3226); read are 1 (IBM floats), 2, 3, 8 (whole numbers of 4, 2 "
      "and 1 bytes) and 5 (IEEE floats)",
      format));
}

Head read_head(const Input& in, const std::string& bytes) {
  const auto two = [&](std::size_t place) {
    return get<std::int16_t>(bytes, place, first_of_file_header);
  };
  Head head;
  set_format(in, head, two(in_file::format));
  const int major = static_cast<std::uint16_t>(two(in_file::revision)) >> 8;
  if (major > 1)
    in.fail(core::format("is of SEG-Y revision {} (bytes 3501-3502); revisions 0 and 1 are read",
                         major));
  head.samples = static_cast<std::uint16_t>(two(in_file::samples));
  head.interval = static_cast<std::uint16_t>(two(in_file::interval));
  head.sorting = two(in_file::sorting);
  head.extended = two(in_file::extended);
  if (head.extended < -1)
    in.fail(core::format("has {} extended textual headers (bytes 3505-3506)", head.extended));
  if (two(in_file::system) == 2) head.unit_m = foot_m;
  return head;
}

// As many as the file says; where it does not say how many, up to the one that holds the last stanza.
void skip_extended(Input& in, int count) {
  for (int n = 0; count < 0 || n < count; ++n) {
    const std::string block =
        in.take(text_bytes, core::format("extended textual header {}", n + 1));
    if (count >= 0) continue;
    for (std::string text : {block, from_ebcdic(block)}) {
      std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
      if (text.find("((seg: endtext))") != std::string::npos) return;
    }
  }
}

double scaled(int value, int scalar) {
  if (scalar == 0) return value;
  return scalar > 0 ? double(value) * scalar : value / -double(scalar);
}

SegyTrace read_header(const std::string& bytes, double unit_m) {
  const auto four = [&](std::size_t place) { return get<std::int32_t>(bytes, place); };
  const auto two = [&](std::size_t place) { return get<std::int16_t>(bytes, place); };
  const int across = two(in_trace::coordinate_scalar), up = two(in_trace::elevation_scalar);
  const auto length = [&](std::size_t place) { return unit_m * scaled(four(place), across); };
  const auto height = [&](std::size_t place) { return unit_m * scaled(four(place), up); };
  SegyTrace trace;
  trace.record = four(in_trace::record);
  trace.number = four(in_trace::number);
  trace.source_point = four(in_trace::source_point);
  trace.ensemble = four(in_trace::ensemble);
  trace.kind = two(in_trace::kind);
  trace.unit = two(in_trace::unit);
  trace.source = {length(in_trace::source_x), length(in_trace::source_y),
                  height(in_trace::source_depth) - height(in_trace::surface_elevation)};
  trace.receiver = {length(in_trace::receiver_x), length(in_trace::receiver_y),
                    0.0 - height(in_trace::receiver_elevation)};
  trace.middle = {length(in_trace::ensemble_x), length(in_trace::ensemble_y)};
  trace.coordinate_step_m = unit_m * scaled(1, across);
  return trace;
}

double number_at(const std::string& bytes, std::size_t at, SegyNumbers numbers) {
  switch (numbers) {
    case SegyNumbers::ibm:
      return from_ibm(get<std::uint32_t>(bytes, at, 0));
    case SegyNumbers::int32:
      return get<std::int32_t>(bytes, at, 0);
    case SegyNumbers::int16:
      return get<std::int16_t>(bytes, at, 0);
    case SegyNumbers::int8:
      return get<std::int8_t>(bytes, at, 0);
    case SegyNumbers::ieee:
      break;
  }
  return std::bit_cast<float>(get<std::uint32_t>(bytes, at, 0));
}

// What must be the same in all traces, and what the file's header may leave to them.
void agree(const Input& in, Head& head, const std::string& bytes, std::size_t number) {
  const std::size_t samples = get<std::uint16_t>(bytes, in_trace::samples);
  if (head.samples == 0) head.samples = samples;
  if (head.samples == 0) in.fail("says nowhere how many samples a trace has (bytes 3221-3222)");
  if (samples != 0 && samples != head.samples)
    in.fail(core::format(
        "has traces of different lengths: trace {} has {} samples, and those before {}; all must have the "
        "same",
        number, samples, head.samples));
  const int interval = get<std::uint16_t>(bytes, in_trace::interval);
  if (head.interval == 0) head.interval = interval;
  if (head.interval == 0)
    in.fail("has a sample interval of 0 (bytes 3217-3218 and 117-118 of the traces)");
  if (interval != 0 && interval != head.interval)
    in.fail(core::format("has traces of different intervals: trace {} has {}, and those before {}",
                         number, interval, head.interval));
  if (const int delay = get<std::int16_t>(bytes, in_trace::delay); delay != 0)
    in.fail(core::format("trace {} begins {} ms after its shot (bytes 109-110); 0 is wanted",
                         number, delay));
  if (const int units = get<std::int16_t>(bytes, in_trace::coordinate_units); units > 1)
    in.fail(core::format("trace {} has angles as coordinates (bytes 89-90: {}); lengths are wanted",
                         number, units));
}

std::vector<double> read_samples(Input& in, const Head& head, std::size_t number) {
  const std::string bytes = in.take(
      head.samples * head.number_bytes,
      core::format("trace {} ({} samples of {} bytes)", number, head.samples, head.number_bytes));
  std::vector<double> samples(head.samples);
  for (std::size_t n = 0; n < head.samples; ++n) {
    samples[n] = number_at(bytes, n * head.number_bytes, head.numbers);
    if (!std::isfinite(samples[n]))
      in.fail(core::format("sample {} of trace {} is {}", n, number, samples[n]));
  }
  return samples;
}

}  // namespace

bool is_segy_path(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".sgy" || ending == ".segy";
}

SegyFile read_segy(const fs::path& path) {
  Input in(path);
  if (in.left() < text_bytes + file_bytes) {
    const std::string kind = core::kind_of_file(path);
    in.fail(core::format("has {} bytes; SEG-Y begins with {} bytes of headers{}", in.left(),
                         text_bytes + file_bytes,
                         kind.empty() ? ": it is cut off" : ". It is none, " + kind));
  }
  SegyFile file;
  const std::string text = decoded(in.take(text_bytes, "the textual header"));
  for (std::size_t n = 0; n < line_count; ++n)
    file.text.push_back(text.substr(n * line_bytes, line_bytes));
  Head head = read_head(in, in.take(file_bytes, "the binary header"));
  skip_extended(in, head.extended);
  if (in.left() == 0) in.fail("holds no traces");
  while (in.left() > 0) {
    const std::size_t number = file.traces.size() + 1;
    const std::string header = in.take(trace_bytes, core::format("the header of trace {}", number));
    agree(in, head, header, number);
    SegyTrace& trace = file.traces.emplace_back(read_header(header, head.unit_m));
    trace.samples = read_samples(in, head, number);
  }
  file.interval = head.interval;
  file.numbers = head.numbers;
  file.sorting = head.sorting;
  return file;
}

}  // namespace understudy::mesh
