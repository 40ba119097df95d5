#include "surrogates/arrays/npy_file.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"
#include "surrogates/arrays/pair_file.hpp"

namespace understudy::surrogates {

static_assert(std::endian::native == std::endian::little);

namespace {

// An open file whose header has been read: rows along the first axis can be had one by one.
class NpyReader {
 public:
  explicit NpyReader(const std::filesystem::path& path) : path_(path), in_(path, std::ios::binary) {
    if (!in_) throw core::UserError(core::format("{}: no such file, or it cannot be read", name()));
    parse(header());
    start_ = in_.tellg();
    std::error_code code;
    const auto held = std::filesystem::file_size(path_, code);
    const auto wanted = static_cast<std::uintmax_t>(start_) + size() * item_;
    if (!code && held < wanted)
      throw core::UserError(core::format("{} is truncated: {} bytes; shape {} wants {}", name(),
                                         held, shape_text(), wanted));
  }

  std::string name() const { return path_.string(); }
  const std::vector<long long>& shape() const { return shape_; }
  std::string shape_text() const {
    std::string text;
    for (const long long length : shape_)
      text += core::format("{}{}", text.empty() ? "" : ", ", length);
    return "[" + text + "]";
  }
  /// Numbers in one row of the first axis.
  std::size_t row_size() const {
    std::size_t n = 1;
    for (std::size_t axis = 1; axis < shape_.size(); ++axis)
      n *= static_cast<std::size_t>(shape_[axis]);
    return n;
  }

  void read_row(long long row, float* values) {
    const std::size_t n = row_size();
    std::vector<char> bytes(n * item_);
    in_.seekg(start_ + static_cast<std::streamoff>(static_cast<std::size_t>(row) * n * item_));
    in_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!in_) throw core::UserError(core::format("{}: row {} cannot be read", name(), row));
    for (std::size_t k = 0; k < n; ++k) {
      char* item = bytes.data() + item_ * k;
      if (swapped_) std::reverse(item, item + item_);
      values[k] = value_of(item);
      if (!std::isfinite(values[k]))
        throw core::UserError(core::format(
            "{}: value {} of row {} is {}; every value must be finite", name(), k, row, values[k]));
    }
  }

 private:
  template <class T>
  static float as_float(const char* item) {
    T value;
    std::memcpy(&value, item, sizeof value);
    return static_cast<float>(value);
  }
  float value_of(const char* item) const {
    if (kind_ == 'f') return item_ == 4 ? as_float<float>(item) : as_float<double>(item);
    const bool sign = kind_ == 'i';
    switch (item_) {
      case 1:
        return sign ? as_float<std::int8_t>(item) : as_float<std::uint8_t>(item);
      case 2:
        return sign ? as_float<std::int16_t>(item) : as_float<std::uint16_t>(item);
      case 4:
        return sign ? as_float<std::int32_t>(item) : as_float<std::uint32_t>(item);
      default:
        return sign ? as_float<std::int64_t>(item) : as_float<std::uint64_t>(item);
    }
  }
  // "'<f4'": byte order, kind, bytes.
  void parse_type(const std::string& type) {
    const bool known =
        type.size() == 5 && std::string_view("<>|=").find(type[1]) != std::string_view::npos;
    kind_ = known ? type[2] : '?';
    item_ = known && type[3] >= '1' && type[3] <= '8' ? static_cast<std::size_t>(type[3] - '0') : 0;
    swapped_ = known && type[1] == '>';
    const bool number = (kind_ == 'f' && (item_ == 4 || item_ == 8)) ||
                        ((kind_ == 'i' || kind_ == 'u') && std::has_single_bit(item_));
    if (!number)
      refuse(
          core::format("its values are {}; float32, float64 and whole numbers are served: "
                       ".astype('float32') makes them so",
                       type));
  }

  std::size_t size() const {
    return shape_.empty() ? 1 : row_size() * static_cast<std::size_t>(shape_[0]);
  }
  [[noreturn]] void refuse(const std::string& why) const {
    throw core::UserError(
        core::format("{} is no NumPy file that can be read here: {}", name(), why));
  }

  std::string header() {
    char start[8] = {};
    in_.read(start, 8);
    if (!in_ || std::memcmp(start, "\x93NUMPY", 6) != 0) {
      const std::string kind = core::kind_of_file(path_);
      refuse("it does not begin as one" + (kind.empty() ? "" : ", " + kind));
    }
    const int version = start[6];
    if (version < 1 || version > 3)
      refuse(core::format("its format version is {}; 1 to 3 are known", version));
    unsigned char length[4] = {};
    in_.read(reinterpret_cast<char*>(length), version == 1 ? 2 : 4);
    const std::size_t bytes = length[0] + (length[1] << 8) + (length[2] << 16) +
                              (static_cast<std::size_t>(length[3]) << 24);
    if (!in_ || bytes > (1U << 20)) refuse("its header is cut off");
    std::string text(bytes, ' ');
    in_.read(text.data(), static_cast<std::streamsize>(bytes));
    if (!in_) refuse("its header is cut off");
    return text;
  }

  // What stands behind 'key': in the header, a Python dictionary's text.
  std::string text_of(const std::string& text, const std::string& key) const {
    const auto at = text.find("'" + key + "'");
    const auto colon = at == std::string::npos ? at : text.find(':', at);
    if (colon == std::string::npos) refuse(core::format("its header has no '{}'", key));
    const auto from = text.find_first_not_of(' ', colon + 1);
    if (from == std::string::npos) refuse(core::format("its header has no value of '{}'", key));
    const auto to = text[from] == '(' ? text.find(')', from) : text.find_first_of(",}", from);
    if (to == std::string::npos) refuse("its header is cut off");
    return text.substr(from, to - from);
  }

  void parse(const std::string& text) {
    parse_type(text_of(text, "descr"));
    if (!text_of(text, "fortran_order").starts_with("False"))
      refuse("its values are in Fortran order; numpy.ascontiguousarray() makes them C-ordered");
    std::string numbers = text_of(text, "shape");
    if (!numbers.starts_with('(')) refuse(core::format("its shape is '{}'", numbers));
    numbers.erase(0, 1);
    for (char& c : numbers)
      if (c == ',') c = ' ';
    std::size_t used = 0;
    while (numbers.find_first_not_of(' ') != std::string::npos) {
      try {
        shape_.push_back(std::stoll(numbers, &used));
      } catch (const std::exception&) {
        refuse(core::format("its shape holds '{}'", numbers));
      }
      numbers.erase(0, used);
    }
    // Any number of empty samples takes no bytes, so the file's size would not bound it.
    if (std::ranges::find(shape_, 0) != shape_.end()) refuse("its shape has a length of 0");
    std::uint64_t bytes = item_;
    for (const long long length : shape_) {
      if (length < 0) refuse("its shape has a negative length");
      if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(length), &bytes))
        refuse("its shape is larger than any file");
    }
  }

  std::filesystem::path path_;
  std::ifstream in_;
  std::streamoff start_ = 0;
  char kind_ = 'f';  ///< f, i, u
  std::size_t item_ = 4;
  bool swapped_ = false;
  std::vector<long long> shape_;
};

std::vector<long long> without_ones(const std::vector<long long>& shape) {
  std::vector<long long> kept;
  for (const long long length : shape)
    if (length != 1) kept.push_back(length);
  return kept;
}

/// Every stride-th value of one axis.
class Decimation {
 public:
  // `shape`: of one sample after it.
  Decimation(const NpyPairs& from, std::vector<long long> shape)
      : stride_(from.stride), axis_(from.decimated_axis), after_(std::move(shape)) {
    if (axis_ < 0) stride_ = 1;
    if (stride_ < 1 || axis_ >= static_cast<int>(after_.size()))
      throw core::UserError(
          core::format("decimation of axis {} by {}: there are axes 0 to {}, and a stride is at "
                       "least 1",
                       axis_, stride_, after_.size() - 1));
    if (stride_ > 1 && from.low_pass) design_filter();
  }
  /// Does a sample of `shape` become the wanted one? The number of values on the axis before it.
  std::optional<long long> length_before(const std::vector<long long>& shape) const {
    const auto found = without_ones(shape);
    auto wanted = without_ones(after_);
    if (stride_ == 1) return found == wanted ? std::optional(1LL) : std::nullopt;
    std::size_t place = 0;
    for (int n = 0; n < axis_; ++n) place += after_[n] != 1;
    if (after_[axis_] == 1 || found.size() != wanted.size()) return std::nullopt;
    const long long before = found[place];
    if ((before + stride_ - 1) / stride_ != wanted[place]) return std::nullopt;
    wanted[place] = before;
    return found == wanted ? std::optional(before) : std::nullopt;
  }
  void apply(const std::vector<float>& from, long long before, float* to) const {
    if (stride_ == 1) {
      std::copy(from.begin(), from.end(), to);
      return;
    }
    long long outer = 1, inner = 1;
    for (int n = 0; n < axis_; ++n) outer *= after_[n];
    for (std::size_t n = axis_ + 1; n < after_.size(); ++n) inner *= after_[n];
    for (long long o = 0; o < outer; ++o)
      for (long long t = 0; t < after_[axis_]; ++t)
        for (long long i = 0; i < inner; ++i)
          *to++ = value(&from[static_cast<std::size_t>(o * before * inner + i)], before, inner,
                        t * stride_);
  }

 private:
  // Hann-windowed sinc; its values sum to 1.
  void design_filter() {
    const long long half = 8 * stride_;
    const double cut = 0.9 * 0.5 / static_cast<double>(stride_);  // cycles a sample
    double sum = 0;
    for (long long n = -half; n <= half; ++n) {
      const double x = 2 * std::numbers::pi * cut * static_cast<double>(n);
      const double hann =
          0.5 + 0.5 * std::cos(std::numbers::pi * static_cast<double>(n) / double(half + 1));
      filter_.push_back(hann * (n == 0 ? 1 : std::sin(x) / x));
      sum += filter_.back();
    }
    for (double& w : filter_) w /= sum;
  }
  float value(const float* from, long long length, long long step, long long at) const {
    if (filter_.empty()) return from[at * step];
    const auto half = static_cast<long long>(filter_.size() / 2);
    double sum = 0;
    for (long long n = -half; n <= half; ++n)
      sum += filter_[n + half] * from[std::clamp(at + n, 0LL, length - 1) * step];
    return static_cast<float>(sum);
  }

  long long stride_;
  int axis_;
  std::vector<long long> after_;
  std::vector<double> filter_;
};

/// An open file of samples of one side, whose shape has been found right.
class SampleFile {
 public:
  SampleFile(const std::filesystem::path& path, const ArrayInfo& side, const Decimation& decimation)
      : reader_(path), side_(side), decimation_(decimation) {
    const auto& shape = reader_.shape();
    const auto before = shape.size() < 2
                            ? std::nullopt
                            : decimation.length_before({shape.begin() + 1, shape.end()});
    if (!before)
      throw core::UserError(core::format(
          "{} is {}; expected are samples of {} along the first axis{}", reader_.name(),
          reader_.shape_text(), to_string(side), " (after decimation, where there is one)"));
    before_ = *before;
  }
  long long samples() const { return reader_.shape()[0]; }
  /// The first `count` behind what `values` has.
  void append(long long count, std::vector<float>& values) {
    std::vector<float> row(reader_.row_size());
    const auto size = static_cast<std::size_t>(side_.count());
    for (long long n = 0; n < count; ++n) {
      reader_.read_row(n, row.data());
      values.resize(values.size() + size);
      decimation_.apply(row, before_, &values[values.size() - size]);
    }
  }

 private:
  NpyReader reader_;
  const ArrayInfo& side_;
  const Decimation& decimation_;
  long long before_ = 1;
};

/// How many samples are taken of each pair of files, from their headers; of further files none.
std::vector<long long> samples_of_files(const NpyPairs& from, const PairInfo& info,
                                        const Decimation& decimation, const Decimation& none) {
  long long left = from.samples > 0 ? from.samples : std::numeric_limits<long long>::max();
  if (from.split_samples() > 0) left = std::min(left, from.split_samples());
  std::vector<long long> counts;
  for (std::size_t n = 0; n < from.inputs.size() && left > 0; ++n) {
    const long long in = SampleFile(from.inputs[n], info.input, decimation).samples(),
                    out = SampleFile(from.outputs[n], info.output, none).samples();
    if (in != out)
      throw core::UserError(core::format("{} holds {} samples and {} holds {}: they are no pairs",
                                         from.inputs[n].string(), in, from.outputs[n].string(),
                                         out));
    counts.push_back(std::min(left, in));
    left -= counts.back();
  }
  return counts;
}

/// The splits of `samples` samples: as many as are wanted of each, or, of fewer, the same parts of them with
/// at least one where one is wanted.
std::vector<Split> splits_of(const NpyPairs& from, long long samples) {
  const auto wanted = [](long long of) { return of > 0 ? 1LL : 0LL; };
  const long long kinds = wanted(from.training) + wanted(from.validation) + wanted(from.test);
  if (samples < kinds)
    throw core::UserError(core::format(
        "{} and the files behind it have {} samples, and dataset.training, dataset.validation and "
        "dataset.test that are above 0 take one each at least: {} are needed",
        from.inputs[0].string(), samples, kinds));
  const auto part = [&](long long of, long long most) {
    if (of <= 0) return 0LL;
    const double share = static_cast<double>(of) / static_cast<double>(from.split_samples());
    return std::clamp(std::llround(share * static_cast<double>(samples)), 1LL, most);
  };
  const long long validation =
      part(from.validation, samples - wanted(from.training) - wanted(from.test));
  const long long test = part(from.test, samples - wanted(from.training) - validation);
  std::vector<Split> split(static_cast<std::size_t>(samples), Split::train);
  std::fill(split.end() - test - validation, split.end() - test, Split::validation);
  std::fill(split.end() - test, split.end(), Split::test);
  return split;
}

}  // namespace

NpyArray read_npy(const std::filesystem::path& file, long long first, long long count) {
  NpyReader reader(file);
  NpyArray array{reader.shape(), {}};
  if (array.shape.empty())
    throw core::UserError(
        core::format("{} holds a single number; an array is expected", reader.name()));
  const long long last = count < 0 ? array.shape[0] : first + count;
  if (first < 0 || last > array.shape[0])
    throw core::UserError(core::format("{}: samples {} to {} are wanted; it is {}", reader.name(),
                                       first, last - 1, reader.shape_text()));
  array.shape[0] = last - first;
  array.values.resize(reader.row_size() * static_cast<std::size_t>(array.shape[0]));
  for (long long n = first; n < last; ++n)
    reader.read_row(n, &array.values[reader.row_size() * static_cast<std::size_t>(n - first)]);
  return array;
}

PairDataset read_npy_pairs(const NpyPairs& from, const PairInfo& info) {
  require_valid(info);
  if (from.inputs.empty() || from.inputs.size() != from.outputs.size())
    throw core::UserError(core::format(
        "{}: {} NumPy files of inputs and {} of outputs; as many of each are wanted, one at least",
        info.name, from.inputs.size(), from.outputs.size()));
  PairDataset data;
  data.info = info;
  const Decimation decimation(from, info.input.shape), none({}, info.output.shape);
  const auto counts = samples_of_files(from, info, decimation, none);
  const long long samples = std::accumulate(counts.begin(), counts.end(), 0LL);
  core::require_memory(
      {.bytes = sizeof(float) * static_cast<double>(samples) *
                static_cast<double>(info.input.count() + info.output.count()),
       .what = core::format("the {} pairs in {} and the files behind it", samples,
                            from.inputs[0].string()),
       .remedy = "read fewer (dataset.most_samples, dataset.training) or every so many-th time "
                 "(dataset.stride)",
       .at_least = true,
       .on_host = true},
      core::Comm::self());
  data.split = splits_of(from, samples);
  data.inputs.reserve(static_cast<std::size_t>(samples * info.input.count()));
  data.outputs.reserve(static_cast<std::size_t>(samples * info.output.count()));
  for (std::size_t n = 0; n < counts.size(); ++n) {
    SampleFile(from.inputs[n], info.input, decimation).append(counts[n], data.inputs);
    SampleFile(from.outputs[n], info.output, none).append(counts[n], data.outputs);
  }
  data.index.resize(static_cast<std::size_t>(samples));
  std::iota(data.index.begin(), data.index.end(), 0LL);
  data.hash = hash_of(data);
  return data;
}

}  // namespace understudy::surrogates
