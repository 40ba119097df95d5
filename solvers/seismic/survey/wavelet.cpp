#include "solvers/seismic/survey/wavelet.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <filesystem>
#include <fstream>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::seismic {

void WaveletParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"ricker", "gaussian", "tabulated"}, "time function of the source");
  v.real("frequency_hz", frequency_hz, {.above = 0}, "Hz",
         "ricker: peak frequency; gaussian: width");
  v.real("delay_s", delay_s, {.at_least = 0}, "s",
         "time of its peak; 0: 1.2 / frequency (gaussian 1.5), so that it starts near zero");
  v.real("amplitude", amplitude, {}, "", "peak amplitude");
  v.text("file", file, "tabulated: text file, one sample a line, from the deck's folder on");
  v.real("sample_s", sample_s, {.at_least = 0}, "s", "tabulated: interval of the samples");
  v.require(kind != "tabulated" || (!file.empty() && sample_s > 0), "file",
            "a tabulated wavelet needs file and sample_s");
  v.require(kind == "tabulated" || file.empty(), "file",
            "is read by kind tabulated only; leave it out or set kind: tabulated");
  v.require(amplitude != 0, "amplitude", "is 0: nothing would be emitted");
}

namespace {

std::vector<double> read_samples(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in)
    throw core::UserError(core::format("seismic.wavelet.file: cannot read {}", path.string()));
  std::vector<double> samples;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
    std::size_t used = 0;
    double value = NAN;
    try {
      value = std::stod(line, &used);
    } catch (const std::exception&) {
      used = 0;
    }
    const bool whole = used > 0 && line.find_first_not_of(" \t\r", used) == std::string::npos;
    if (!whole || !std::isfinite(value))
      throw core::UserError(core::format(
          "seismic.wavelet.file: {}, line {}: '{}' is not a finite number; one sample a line is wanted",
          path.string(), number, line.substr(0, 40)));
    samples.push_back(value);
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

// Where it differs from 0: [begin, end), in s.
std::pair<double, double> Wavelet::support() const {
  if (params_.kind == "tabulated") return {0, params_.sample_s * double(table_.size())};
  const double half_s = (params_.kind == "gaussian" ? 1.5 : 1.2) / params_.frequency_hz;
  return {std::max(0.0, params_.delay_s - half_s), params_.delay_s + half_s};
}

double Wavelet::amplitude_at(double frequency_hz) const {
  constexpr int points = 1024;
  const auto [begin_s, end_s] = support();
  const double step_s = (end_s - begin_s) / points;
  std::complex<double> sum = 0;
  for (int n = 0; n < points; ++n)
    sum += (*this)(begin_s + n * step_s) *
           std::polar(1.0, -2 * std::numbers::pi * frequency_hz * n * step_s);
  return std::abs(sum);
}

namespace {
constexpr int frequencies = 400;
}

double Wavelet::highest_frequency(double level) const {
  // Spectra are sampled up to where the table (or ten times the peak frequency) ends.
  const double top =
      params_.kind == "tabulated" ? 0.5 / params_.sample_s : 10 * params_.frequency_hz;
  std::vector<double> spectrum(frequencies + 1);
  for (int n = 0; n <= frequencies; ++n) spectrum[n] = amplitude_at(top * n / frequencies);
  const double peak = *std::max_element(spectrum.begin(), spectrum.end());
  for (int n = frequencies; n > 0; --n)
    if (spectrum[n] > level * peak) return top * n / frequencies;
  return top / frequencies;
}

double Wavelet::peak_frequency() const {
  if (params_.kind != "tabulated") return params_.frequency_hz;
  const double top = 0.5 / params_.sample_s;
  double best = 0, at = top / frequencies;
  for (int n = 1; n <= frequencies; ++n) {
    const double amplitude = amplitude_at(top * n / frequencies);
    if (amplitude <= best) continue;
    best = amplitude;
    at = top * n / frequencies;
  }
  return at;
}

}  // namespace understudy::solvers::seismic
