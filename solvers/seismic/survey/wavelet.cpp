#include "solvers/seismic/survey/wavelet.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <filesystem>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/table.hpp"

namespace understudy::solvers::seismic {

void WaveletParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"ricker", "gaussian", "tabulated"}, "time function of the source");
  v.real(
      "frequency_hz", frequency_hz, {.above = 0}, "Hz",
      "ricker: peak frequency; gaussian: width; tabulated: none, its frequencies are the table's");
  v.real(
      "delay_s", delay_s, {.at_least = 0}, "s",
      "ricker, gaussian: time of its peak; 0: 1.2 / frequency (gaussian 1.5), so that it starts near "
      "zero");
  v.real("amplitude", amplitude, {}, "", "peak amplitude");
  v.text("file", file, "tabulated: text file, one sample a line, from the deck's folder on");
  v.real("sample_s", sample_s, {.at_least = 0}, "s", "tabulated: interval of the samples");
  v.require(kind != "tabulated" || (!file.empty() && sample_s > 0), "file",
            "a tabulated wavelet needs file and sample_s");
  v.require(kind == "tabulated" || file.empty(), "file",
            "is read by kind tabulated only; leave it out or set kind: tabulated");
  // What a kind has no use for would be thought to act. A frequency that is the default's cannot be told
  // from one that was not given.
  v.require(kind != "tabulated" || frequency_hz == WaveletParams{}.frequency_hz, "frequency_hz",
            "is of ricker and gaussian; leave it out with kind: tabulated, whose frequencies are "
            "those of its samples");
  v.require(
      kind != "tabulated" || delay_s == 0, "delay_s",
      "is of ricker and gaussian; leave it out with kind: tabulated, whose first sample is at "
      "0 s (put zeros before it)");
  v.require(kind == "tabulated" || sample_s == 0, "sample_s",
            "is the interval of a table's samples; leave it out or set kind: tabulated");
  v.require(amplitude != 0, "amplitude", "is 0: nothing would be emitted");
}

namespace {

std::vector<double> read_samples(const std::filesystem::path& path) {
  const auto read = [&] {
    const core::Table table = core::Table::read(path);
    table.require_columns(1, "one sample a line, without its time (sample_s is the interval)");
    return table.rows() > 0 ? table.column(0) : std::vector<double>{};
  };
  std::vector<double> samples;
  try {
    samples = read();
  } catch (const core::UserError& error) {
    throw core::UserError(core::format("seismic.wavelet.file: {}", error.what()));
  }
  if (samples.size() < 2)
    throw core::UserError(
        core::format("seismic.wavelet.file: {} has {} samples; at least 2 are needed",
                     path.string(), samples.size()));
  if (std::all_of(samples.begin(), samples.end(), [](double s) { return s == 0; }))
    throw core::UserError(
        core::format("seismic.wavelet.file: all samples of {} are 0", path.string()));
  return samples;
}

// In place, of a power of two of values (Cooley & Tukey 1965).
void transform(std::vector<std::complex<double>>& values) {
  const std::size_t count = values.size();
  for (std::size_t n = 1, reversed = 0; n < count; ++n) {
    std::size_t bit = count >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (n < reversed) std::swap(values[n], values[reversed]);
  }
  for (std::size_t length = 2; length <= count; length *= 2)
    for (std::size_t k = 0; k < length / 2; ++k) {
      const auto turn = std::polar(1.0, -2 * std::numbers::pi * double(k) / double(length));
      for (std::size_t start = k; start < count; start += length) {
        const auto even = values[start], odd = values[start + length / 2] * turn;
        values[start] = even + odd;
        values[start + length / 2] = even - odd;
      }
    }
}

}  // namespace

Wavelet::Wavelet(const WaveletParams& params, const std::string& directory) : params_(params) {
  if (params_.kind == "tabulated")
    table_ = read_samples(std::filesystem::path(directory) / params_.file);
  if (params_.delay_s == 0)
    params_.delay_s = (params_.kind == "gaussian" ? 1.5 : 1.2) / params_.frequency_hz;
}

double Wavelet::operator()(double t_s) const {
  if (params_.kind == "tabulated") {
    const double place = t_s / params_.sample_s;
    const auto n = static_cast<std::ptrdiff_t>(std::floor(place));
    const auto last = static_cast<std::ptrdiff_t>(table_.size()) - 1;
    if (n < 0 || n > last || (n == last && place > double(last))) return 0;
    const double part = place - double(n);
    const double next = n < last ? table_[n + 1] : 0;
    return params_.amplitude * ((1 - part) * table_[n] + part * next);
  }
  const double x = std::numbers::pi * params_.frequency_hz * (t_s - params_.delay_s);
  const double bell = std::exp(-x * x);
  return params_.amplitude * (params_.kind == "ricker" ? (1 - 2 * x * x) * bell : bell);
}

std::vector<double> Wavelet::sampled(double dt_s, int count) const {
  std::vector<double> samples(count);
  for (int n = 0; n < count; ++n) samples[n] = (*this)(n * dt_s);
  return samples;
}

namespace {
constexpr int frequencies = 400;
}

// Of ricker and gaussian: 400 frequencies up to ten times the peak's, from 1024 points of where it differs
// from 0. Of a table: the spectrum of its own samples up to their Nyquist frequency, with zeros behind them,
// at least 400 frequencies and twice as fine as the table is long.
Wavelet::Spectrum Wavelet::spectrum() const {
  Spectrum spectrum;
  if (params_.kind == "tabulated") {
    std::size_t count = 2 * frequencies;
    count = std::bit_ceil(std::max(count, 2 * table_.size()));
    std::vector<std::complex<double>> values(count);
    // By the largest, so that squares neither vanish nor overflow.
    double largest = 0;
    for (const double sample : table_) largest = std::max(largest, std::abs(sample));
    for (std::size_t n = 0; n < table_.size(); ++n) values[n] = table_[n] / largest;
    transform(values);
    spectrum.step_hz = 1 / (params_.sample_s * double(count));
    for (std::size_t n = 0; n <= count / 2; ++n) spectrum.amplitudes.push_back(std::abs(values[n]));
    return spectrum;
  }
  constexpr int points = 1024;
  const double half_s = (params_.kind == "gaussian" ? 1.5 : 1.2) / params_.frequency_hz;
  const double begin_s = std::max(0.0, params_.delay_s - half_s),
               step_s = (params_.delay_s + half_s - begin_s) / points;
  spectrum.step_hz = 10 * params_.frequency_hz / frequencies;
  for (int f = 0; f <= frequencies; ++f) {
    std::complex<double> sum = 0;
    for (int n = 0; n < points; ++n)
      sum += (*this)(begin_s + n * step_s) *
             std::polar(1.0, -2 * std::numbers::pi * f * spectrum.step_hz * n * step_s);
    spectrum.amplitudes.push_back(std::abs(sum));
  }
  return spectrum;
}

double Wavelet::highest_frequency(double level) const {
  const Spectrum s = spectrum();
  const double peak = *std::max_element(s.amplitudes.begin(), s.amplitudes.end());
  for (std::size_t n = s.amplitudes.size() - 1; n > 0; --n)
    if (s.amplitudes[n] > level * peak) return double(n) * s.step_hz;
  return s.step_hz;
}

double Wavelet::peak_frequency() const {
  if (params_.kind != "tabulated") return params_.frequency_hz;
  const Spectrum s = spectrum();
  const auto first = s.amplitudes.begin() + 1;  // a table with an offset does not peak at 0
  return double(std::max_element(first, s.amplitudes.end()) - s.amplitudes.begin()) * s.step_hz;
}

}  // namespace understudy::solvers::seismic
