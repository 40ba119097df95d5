// What is read off diagnostics: against signals whose mean, amplitude and frequency are known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "apps/study/time_series.hpp"

namespace understudy::apps {
namespace {

TimeSeries wave(double mean, double amplitude, double frequency_hz, double dt_s, int samples) {
  TimeSeries s{"wave", "1", solvers::DiagnosticKind::free, {}, {}};
  for (int n = 0; n < samples; ++n) {
    const double t = n * dt_s;
    s.time_s.push_back(t);
    s.value.push_back(mean + amplitude * std::sin(2 * std::numbers::pi * frequency_hz * t + 0.3));
  }
  return s;
}

TEST(TimeSeries, SineSampledTwelveTimesAPeriod) {
  const auto s = wave(1.4, 0.33, 0.165, 0.5, 240);
  EXPECT_NEAR(mean_of(s, 0), 1.4, 0.005);
  EXPECT_NEAR(amplitude_of(s, 0), 0.33, 0.33 * 0.005);
  EXPECT_NEAR(frequency_of(s, 0), 0.165, 0.165 * 0.002);
}

// Five samples a period: a parabola cuts the crests off, a fitted wave does not.
TEST(TimeSeries, FewSamplesAPeriodDoNotCutTheAmplitude) {
  auto s = wave(0.02, 0.393, 0.1647, 1.2, 90);
  for (std::size_t n = 0; n < s.value.size(); ++n)
    s.value[n] += 0.02 * std::sin(4 * std::numbers::pi * 0.1647 * s.time_s[n] + 1);
  EXPECT_NEAR(samples_per_period(s, 0), 1 / (1.2 * 0.1647), 0.1);
  EXPECT_LT(samples_per_period(s, 0), enough_samples);
  const auto fine = [&] {
    auto f = wave(0.02, 0.393, 0.1647, 0.05, 2000);
    for (std::size_t n = 0; n < f.value.size(); ++n)
      f.value[n] += 0.02 * std::sin(4 * std::numbers::pi * 0.1647 * f.time_s[n] + 1);
    return f;
  }();
  EXPECT_NEAR(amplitude_of(s, 0), amplitude_of(fine, 0), 1e-3);
  EXPECT_TRUE(std::isnan(samples_per_period(wave(1, 0, 0.1, 0.5, 50), 0)));
}

TEST(TimeSeries, SamplesAtAnyDistancesCountForTheirTime) {
  TimeSeries s{
      "ramp", "1", solvers::DiagnosticKind::free, {0, 1, 1.1, 1.2, 2}, {0, 1, 1.1, 1.2, 2}};
  EXPECT_NEAR(mean_of(s, 0), 1, 1e-12);
}

TEST(TimeSeries, TransientIsLeftOut) {
  auto s = wave(0, 1, 0.2, 0.1, 1000);
  for (int n = 0; n < 300; ++n) s.value[n] = 50 - n * 0.1;
  EXPECT_NEAR(amplitude_of(s, 40), 1, 0.01);
  EXPECT_NEAR(frequency_of(s, 40), 0.2, 0.002);
}

TEST(TimeSeries, RippleIsNoPeriod) {
  auto s = wave(0, 1, 0.1, 0.05, 2000);
  for (std::size_t n = 0; n < s.value.size(); ++n)
    s.value[n] += 0.01 * std::sin(40.0 * s.time_s[n]);
  EXPECT_NEAR(frequency_of(s, 0), 0.1, 0.001);
}

// A nearly square wave whose plateaus ripple, as the wind where waves break from level to level: the ripple's crests
// and troughs, of which there are many more, are none of the oscillation.
TEST(TimeSeries, ARippleOnPlateausLeavesTheAmplitude) {
  auto s = wave(0, 1, 0.1, 0.02, 5000);
  double highest = 0;
  for (std::size_t n = 0; n < s.value.size(); ++n) {
    s.value[n] = 40 * std::tanh(5 * s.value[n]) + 2 * std::sin(25.0 * s.time_s[n]);
    highest = std::max(highest, s.value[n]);
  }
  EXPECT_GT(amplitude_of(s, 0), 40);
  EXPECT_LT(amplitude_of(s, 0), highest + 0.01);
  EXPECT_NEAR(frequency_of(s, 0), 0.1, 0.001);
}

// Cut just after a crossing, the first stay and the last have a small crest of the ripple and none of their own.
TEST(TimeSeries, StaysThatAreCutByTheEndsDoNotCount) {
  TimeSeries s{"wind", "m/s", solvers::DiagnosticKind::free, {}, {}};
  for (double t = 0; t < 2.6; t += 0.002) {
    s.time_s.push_back(t);
    s.value.push_back(40 * std::sin(2 * std::numbers::pi * (t - 0.05)) +
                      2 * std::sin(2 * std::numbers::pi * 25 * t));
  }
  EXPECT_GT(amplitude_of(s, 0), 40);
  EXPECT_LT(amplitude_of(s, 0), 42.01);
}

TEST(TimeSeries, TooLittleToSayIsNaN) {
  EXPECT_TRUE(std::isnan(frequency_of(wave(1, 0, 0.1, 0.5, 50), 0)));  // constant
  EXPECT_TRUE(std::isnan(frequency_of(wave(0, 1, 0.1, 0.5, 15), 0)));  // under one period
  EXPECT_TRUE(std::isnan(amplitude_of(wave(0, 1, 0.1, 0.5, 15), 0)));
  EXPECT_TRUE(std::isnan(mean_of(TimeSeries{}, 0)));
}

TEST(TimeSeries, DriftIsRelativeToTheStart) {
  TimeSeries s{"mass", "kg", solvers::DiagnosticKind::conserved, {0, 1, 2}, {8, 8.4, 8.1}};
  EXPECT_NEAR(drift_of(s, "double"), 0.05, 1e-12);
  EXPECT_NEAR(drift_of(s, "single"), 0.05, 1e-12);
  s.value = {0, 3e-16, -5e-16};
  EXPECT_NEAR(drift_of(s, "double"), 5e-16, 1e-18);
}

// A momentum that is zero by symmetry is what single precision rounds it to: 40 m2 at 1 m/s.
TEST(TimeSeries, DriftFromTheRoundingOfSinglePrecisionIsAbsolute) {
  const TimeSeries s{
      "momentum_x", "kg m/s", solvers::DiagnosticKind::conserved, {0, 1, 2}, {2e-8, -3e-7, 1e-7}};
  EXPECT_NEAR(drift_of(s, "single"), 3.2e-7, 1e-15);
  EXPECT_NEAR(drift_of(s, "double"), 16, 1e-9);
  TimeSeries named = s;
  named.name = "impulse_x";  // by its unit
  EXPECT_NEAR(drift_of(named, "single"), 3.2e-7, 1e-15);
  named = s;
  named.unit = "m4/s";  // by its name
  EXPECT_NEAR(drift_of(named, "single"), 3.2e-7, 1e-15);
}

// The scalar in a box of 1 mm: a tenth of it is lost, whatever the precision.
TEST(TimeSeries, DriftOfSmallQuantitiesIsRelative) {
  const TimeSeries s{"flow.scalar_total",
                     "m2",
                     solvers::DiagnosticKind::conserved,
                     {0, 1, 2},
                     {1e-6, 0.95e-6, 0.9e-6}};
  EXPECT_NEAR(drift_of(s, "single"), 0.1, 1e-12);
  EXPECT_NEAR(drift_of(s, "double"), 0.1, 1e-12);
}

TEST(TimeSeries, AppendsDiagnosticsInOrder) {
  std::vector<TimeSeries> all;
  append(all, 0, {{"a", "m", 1, {}}, {"b", "s", 2, {}}});
  append(all, 1, {{"a", "m", 3, {}}, {"b", "s", 4, {}}});
  ASSERT_NE(find_series(all, "b"), nullptr);
  EXPECT_EQ(find_series(all, "b")->value, (std::vector<double>{2, 4}));
  EXPECT_EQ(find_series(all, "c"), nullptr);
}

}  // namespace
}  // namespace understudy::apps
