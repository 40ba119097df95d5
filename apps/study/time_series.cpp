#include "apps/study/time_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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
  double sum = 0;
  for (std::size_t n = first; n < s.value.size(); ++n) sum += s.value[n];
  return sum / static_cast<double>(count);
}

double amplitude_of(const TimeSeries& s, double from_s) {
  double crests = 0, troughs = 0;
  int crest_count = 0, trough_count = 0;
  for (std::size_t n = first_from(s, from_s) + 1; n + 1 < s.value.size(); ++n) {
    const double a = s.value[n - 1], b = s.value[n], c = s.value[n + 1];
    if (b > a && b >= c) {
      crests += crest(a, b, c);
      ++crest_count;
    } else if (b < a && b <= c) {
      troughs += crest(a, b, c);
      ++trough_count;
    }
  }
  if (crest_count < 2 || trough_count < 2) return unknown;
  return (crests / crest_count - troughs / trough_count) / 2;
}

double frequency_of(const TimeSeries& s, double from_s) {
  const std::size_t first = first_from(s, from_s);
  const double mean = mean_of(s, from_s);
  double largest = 0;
  for (std::size_t n = first; n < s.value.size(); ++n)
    largest = std::max(largest, std::abs(s.value[n] - mean));
  const double dead_band = 0.05 * largest;

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
  if (crossings < 3 || largest == 0 || last_s <= first_s) return unknown;
  return (crossings - 1) / (last_s - first_s);
}

double drift_of(const TimeSeries& s) {
  if (s.value.empty()) return unknown;
  double largest = 0;
  for (const double v : s.value) largest = std::max(largest, std::abs(v - s.value[0]));
  const double first = std::abs(s.value[0]);
  return first > 1e-9 ? largest / first : largest;
}

}  // namespace understudy::apps
