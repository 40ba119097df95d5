#include "apps/study/time_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::size_t first_from(const TimeSeries& s, double from_s) {
  std::size_t n = 0;
  while (n < s.time_s.size() && s.time_s[n] < from_s - 1e-9) ++n;
  return n;
}

// Height of the parabola's top through three samples at equal distance.
double crest(double a, double b, double c) {
  const double bend = a - 2 * b + c;
  return bend == 0 ? b : b - (c - a) * (c - a) / (8 * bend);
}

// The same at any distances, at sample n.
double crest_at(const TimeSeries& s, std::size_t n) {
  const double a = s.value[n - 1], b = s.value[n], c = s.value[n + 1];
  const double before = s.time_s[n] - s.time_s[n - 1], after = s.time_s[n + 1] - s.time_s[n];
  if (std::abs(before - after) <= 1e-6 * after) return crest(a, b, c);
  const double rise = (b - a) / before, fall = (c - b) / after;
  const double bend = (fall - rise) / (before + after);  // half the second derivative
  const double slope = (rise * after + fall * before) / (before + after);
  return bend == 0 ? b : b - slope * slope / (4 * bend);
}

}  // namespace

void append(std::vector<TimeSeries>& series, double time_s,
            const std::vector<solvers::Diagnostic>& diagnostics) {
  if (series.empty())
    for (const auto& d : diagnostics) series.push_back({d.name, d.unit, d.kind, {}, {}});
  for (std::size_t n = 0; n < diagnostics.size() && n < series.size(); ++n) {
    series[n].time_s.push_back(time_s);
    series[n].value.push_back(diagnostics[n].value);
  }
}

const TimeSeries* find_series(const std::vector<TimeSeries>& series, const std::string& name) {
  const auto at = std::ranges::find(series, name, &TimeSeries::name);
  return at == series.end() ? nullptr : &*at;
}

double mean_of(const TimeSeries& s, double from_s) {
  const std::size_t first = first_from(s, from_s), count = s.value.size() - first;
  if (count == 0) return unknown;
  double sum = 0, shortest = INFINITY, longest = 0;
  for (std::size_t n = first; n < s.value.size(); ++n) {
    sum += s.value[n];
    if (n == first) continue;
    shortest = std::min(shortest, s.time_s[n] - s.time_s[n - 1]);
    longest = std::max(longest, s.time_s[n] - s.time_s[n - 1]);
  }
  if (count == 1 || longest <= 1.01 * shortest) return sum / static_cast<double>(count);
  // Rows at the solver's own steps and at the ends of windows: each counts for its time.
  sum = 0;
  for (std::size_t n = first + 1; n < s.value.size(); ++n)
    sum += 0.5 * (s.value[n] + s.value[n - 1]) * (s.time_s[n] - s.time_s[n - 1]);
  return sum / (s.time_s.back() - s.time_s[first]);
}

namespace {

// The wave mean + sum over h of a_h cos(h w t) + b_h sin(h w t) that fits samples best.
struct Wave {
  std::vector<double> coefficients;  // mean, a_1, b_1, a_2...
  double frequency_hz = 0, rms = 0;  // of what it leaves
  double at(double t) const {
    double value = coefficients[0];
    const double w = 2 * std::numbers::pi * frequency_hz;
    for (std::size_t h = 1; 2 * h < coefficients.size(); ++h)
      value += coefficients[2 * h - 1] * std::cos(static_cast<double>(h) * w * t) +
               coefficients[2 * h] * std::sin(static_cast<double>(h) * w * t);
    return value;
  }
};

// Normal equations by Gaussian elimination; at most seven unknowns.
Wave fit_at(const std::vector<double>& t, const std::vector<double>& y, double frequency_hz,
            int harmonics) {
  const std::size_t n = static_cast<std::size_t>(1 + 2 * harmonics);
  std::vector<std::vector<double>> a(n, std::vector<double>(n + 1, 0.0));
  const double w = 2 * std::numbers::pi * frequency_hz;
  std::vector<double> row(n, 1.0);
  for (std::size_t s = 0; s < t.size(); ++s) {
    for (int h = 1; h <= harmonics; ++h) {
      row[2 * h - 1] = std::cos(h * w * t[s]);
      row[2 * h] = std::sin(h * w * t[s]);
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a[i][j] += row[i] * row[j];
      a[i][n] += row[i] * y[s];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t pivot = i;
    for (std::size_t k = i + 1; k < n; ++k)
      if (std::abs(a[k][i]) > std::abs(a[pivot][i])) pivot = k;
    std::swap(a[i], a[pivot]);
    if (std::abs(a[i][i]) < 1e-9 * static_cast<double>(t.size()))
      return {{}, frequency_hz, unknown};
    for (std::size_t k = 0; k < n; ++k) {
      if (k == i) continue;
      const double factor = a[k][i] / a[i][i];
      for (std::size_t j = i; j <= n; ++j) a[k][j] -= factor * a[i][j];
    }
  }
  Wave wave;
  wave.frequency_hz = frequency_hz;
  for (std::size_t i = 0; i < n; ++i) wave.coefficients.push_back(a[i][n] / a[i][i]);
  double squares = 0;
  for (std::size_t s = 0; s < t.size(); ++s) squares += std::pow(y[s] - wave.at(t[s]), 2);
  wave.rms = std::sqrt(squares / static_cast<double>(t.size()));
  return wave;
}

// Amplitude of the fitted wave; NaN where none fits.
double fitted_amplitude(const TimeSeries& s, double from_s, double frequency_hz, double samples) {
  const std::size_t first = first_from(s, from_s);
  std::vector<double> t, y;
  for (std::size_t n = first; n < s.value.size(); ++n) {
    t.push_back(s.time_s[n] - s.time_s[first]);
    y.push_back(s.value[n]);
  }
  const int harmonics = std::clamp(static_cast<int>((samples - 1) / 2), 1, 3);
  if (t.size() < 4 * static_cast<std::size_t>(1 + 2 * harmonics)) return unknown;
  // The crossings' frequency is off by a fraction of a sample over the whole: found anew nearby.
  const double reach = 0.5 / t.back();
  Wave best = fit_at(t, y, frequency_hz, harmonics);
  for (double step = reach / 4, centre = frequency_hz; step > 1e-4 * reach; step /= 4) {
    for (int n = -4; n <= 4; ++n) {
      const Wave wave = fit_at(t, y, centre + n * step, harmonics);
      if (wave.rms < best.rms || !std::isfinite(best.rms)) best = wave;
    }
    centre = best.frequency_hz;
  }
  if (!std::isfinite(best.rms)) return unknown;
  double lowest = INFINITY, highest = -INFINITY;
  constexpr int fine = 720;
  for (int n = 0; n < fine; ++n) {
    const double value = best.at(n / (fine * best.frequency_hz));
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const double amplitude = (highest - lowest) / 2;
  return best.rms <= 0.1 * amplitude ? amplitude : unknown;
}

// A ripple about the mean, up to this deviation, is no oscillation.
double dead_band_of(const TimeSeries& s, double from_s, double mean) {
  double largest = 0;
  for (std::size_t n = first_from(s, from_s); n < s.value.size(); ++n)
    largest = std::max(largest, std::abs(s.value[n] - mean));
  return 0.05 * largest;
}

struct Extremes {
  std::vector<double> crests, troughs;
};

// Of each stay above the mean the highest crest, of each below it the lowest trough: a plateau's ripple, with crests
// and troughs of its own, is not counted. The first stay and the last are cut by the series' ends, and a ripple's
// crest may be all that is left of them: they count only where there are too few without them.
Extremes extremes_of(const TimeSeries& s, double from_s) {
  const double mean = mean_of(s, from_s), dead_band = dead_band_of(s, from_s, mean);
  struct Stay {
    bool above;
    double extreme;
  };
  std::vector<Stay> stays;
  int side = 0;           // 1: above the mean, -1: below; 0: not known yet
  double best = unknown;  // of this stay
  const auto end_stay = [&] {
    if (side != 0) stays.push_back({side > 0, best});
    best = unknown;
  };
  for (std::size_t n = first_from(s, from_s) + 1; n + 1 < s.value.size(); ++n) {
    const double a = s.value[n - 1], b = s.value[n], c = s.value[n + 1];
    const int now = b - mean > dead_band ? 1 : b - mean < -dead_band ? -1 : side;
    if (now != side) end_stay();
    side = now;
    // fmax and fmin take the number where the other is none.
    if (side > 0 && b > a && b >= c) best = std::fmax(best, crest_at(s, n));
    if (side < 0 && b < a && b <= c) best = std::fmin(best, crest_at(s, n));
  }
  end_stay();
  const auto of = [&](std::size_t first, std::size_t end) {
    Extremes found;
    for (std::size_t n = first; n < end; ++n)
      if (std::isfinite(stays[n].extreme))
        (stays[n].above ? found.crests : found.troughs).push_back(stays[n].extreme);
    return found;
  };
  if (stays.size() > 2) {
    Extremes whole = of(1, stays.size() - 1);
    if (whole.crests.size() >= 2 && whole.troughs.size() >= 2) return whole;
  }
  return of(0, stays.size());
}

}  // namespace

double samples_per_period(const TimeSeries& s, double from_s) {
  const double frequency_hz = frequency_of(s, from_s);
  const std::size_t first = first_from(s, from_s);
  if (!std::isfinite(frequency_hz) || s.value.size() < first + 2) return unknown;
  const double span_s = s.time_s.back() - s.time_s[first];
  return static_cast<double>(s.value.size() - first - 1) / (span_s * frequency_hz);
}

double amplitude_of(const TimeSeries& s, double from_s) {
  const Extremes extremes = extremes_of(s, from_s);
  if (extremes.crests.size() < 2 || extremes.troughs.size() < 2) return unknown;
  const auto mean = [](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  };
  const double by_crests = (mean(extremes.crests) - mean(extremes.troughs)) / 2;
  const double samples = samples_per_period(s, from_s);
  if (!(samples < enough_samples)) return by_crests;
  const double fitted = fitted_amplitude(s, from_s, frequency_of(s, from_s), samples);
  return std::isfinite(fitted) ? fitted : by_crests;
}

double deviation_of(const TimeSeries& s, double from_s) {
  const double mean = mean_of(s, from_s);
  TimeSeries squares = s;
  for (double& value : squares.value) value = (value - mean) * (value - mean);
  return std::sqrt(mean_of(squares, from_s));
}

double frequency_of(const TimeSeries& s, double from_s) {
  const std::size_t first = first_from(s, from_s);
  const double mean = mean_of(s, from_s);
  const double dead_band = dead_band_of(s, from_s, mean);

  int crossings = 0;
  double first_s = 0, last_s = 0;
  bool armed = false;  // was below the dead band since the last crossing
  double candidate_s = 0;
  for (std::size_t n = first; n < s.value.size(); ++n) {
    const double now = s.value[n] - mean;
    if (n > first) {
      const double before = s.value[n - 1] - mean;
      if (before < 0 && now >= 0)
        candidate_s = s.time_s[n - 1] + (s.time_s[n] - s.time_s[n - 1]) * before / (before - now);
    }
    if (now < -dead_band) armed = true;
    if (now > dead_band && armed) {
      armed = false;
      if (crossings == 0) first_s = candidate_s;
      last_s = candidate_s;
      ++crossings;
    }
  }
  if (crossings < 3 || dead_band == 0 || last_s <= first_s) return unknown;
  return (crossings - 1) / (last_s - first_s);
}

namespace {

// A sum of values of both signs, which may be zero by symmetry.
bool is_momentum(const TimeSeries& s) {
  return s.name.find("momentum") != std::string::npos || s.unit.starts_with("kg m/s");
}

}  // namespace

double drift_of(const TimeSeries& s, const std::string& precision) {
  if (s.value.empty()) return unknown;
  double largest = 0;
  for (const double v : s.value) largest = std::max(largest, std::abs(v - s.value[0]));
  const double first = std::abs(s.value[0]);
  const double rounding = precision == "single" && is_momentum(s) ? 1e-5 : 1e-9;
  return first > rounding ? largest / first : largest;
}

}  // namespace understudy::apps
