// Wavelets, and every message that a deck can cause there.
#include "solvers/seismic/survey/wavelet.hpp"

#include <cmath>
#include <fstream>
#include <numbers>

#include "support/mesh_io_scratch.hpp"
#include "support/solvers_seismic_grids.hpp"
#include "support/solvers_seismic_params.hpp"

namespace understudy::solvers::seismic {
namespace {

using tests::contains;
using tests::error_of;
using tests::problems_of;
using tests::Scratch;

TEST(SeismicWavelet, RickerIsItsFormula) {
  const double f = 12, t0 = 0.15;
  const Wavelet wavelet({.kind = "ricker", .frequency_hz = f, .delay_s = t0, .amplitude = 3}, ".");
  for (const double t : {0.0, 0.1, 0.15, 0.17, 0.31}) {
    const double x2 = std::pow(std::numbers::pi * f * (t - t0), 2);
    EXPECT_NEAR(wavelet(t), 3 * (1 - 2 * x2) * std::exp(-x2), 1e-14) << t;
  }
  const auto samples = wavelet.sampled(0.01, 4);
  ASSERT_EQ(samples.size(), 4u);
  for (int n = 0; n < 4; ++n) EXPECT_EQ(samples[n], wavelet(n * 0.01));
  EXPECT_EQ(wavelet.peak_frequency(), f);
}

TEST(SeismicWavelet, StartsNearZeroAndPeaksAtItsDelay) {
  for (const char* kind : {"ricker", "gaussian"}) {
    const Wavelet wavelet({.kind = kind, .frequency_hz = 10}, ".");
    EXPECT_LT(std::abs(wavelet(0)), 2e-5) << kind;
    EXPECT_NEAR(wavelet(std::string(kind) == "ricker" ? 0.12 : 0.15), 1, 1e-12);
  }
}

// The spectrum of a Ricker wavelet is (f / f0)^2 exp(1 - (f / f0)^2) of its peak (Ricker 1953): 0.05 at 2.397.
TEST(SeismicWavelet, HighestFrequencyOfRickerIsThatOfItsSpectrum) {
  const Wavelet wavelet({.frequency_hz = 20}, ".");
  for (const double level : {0.05, 0.01, 0.5}) {
    double x = 1;
    while (x * x * std::exp(1 - x * x) > level) x += 1e-4;
    EXPECT_NEAR(wavelet.highest_frequency(level) / 20, x, 0.04) << level;
  }
}

TEST(SeismicWavelet, HighestFrequencyDoesNotDependOnTheDelay) {
  for (const char* kind : {"ricker", "gaussian"}) {
    const double expected = Wavelet({.kind = kind, .frequency_hz = 15}, ".").highest_frequency();
    for (const double delay : {0.09, 0.3, 1.0, 6.0})
      EXPECT_NEAR(
          Wavelet({.kind = kind, .frequency_hz = 15, .delay_s = delay}, ".").highest_frequency(),
          expected, 0.03 * expected)
          << kind << " " << delay;
  }
}

TEST(SeismicWavelet, TabulatedIsLinearBetweenSamplesAndZeroOutside) {
  const Scratch scratch;
  std::ofstream(scratch / "w.txt") << "# made by hand\n0\n2\n\n-1 \n0.5\n";
  const Wavelet wavelet({.kind = "tabulated", .amplitude = 2, .file = "w.txt", .sample_s = 0.1},
                        scratch.path().string());
  EXPECT_EQ(wavelet(-0.01), 0);
  EXPECT_NEAR(wavelet(0.05), 2, 1e-12);
  EXPECT_NEAR(wavelet(0.1), 4, 1e-12);
  EXPECT_NEAR(wavelet(0.15), 1, 1e-12);
  EXPECT_NEAR(wavelet(0.3), 1, 1e-12);
  EXPECT_EQ(wavelet(0.31), 0);
}

TEST(SeismicWavelet, TabulatedRickerHasTheFrequenciesOfTheRicker) {
  const Scratch scratch;
  const Wavelet ricker({.frequency_hz = 10}, ".");
  {
    std::ofstream file(scratch / "w.txt");
    for (int n = 0; n < 120; ++n) file << ricker(n * 0.002) << "\n";
  }
  const Wavelet table({.kind = "tabulated", .file = "w.txt", .sample_s = 0.002},
                      scratch.path().string());
  EXPECT_NEAR(table.peak_frequency(), 10, 0.7);
  EXPECT_NEAR(table.highest_frequency(), ricker.highest_frequency(), 1.3);
}

// Neither zeros behind the pulse nor a finer interval give it other frequencies.
TEST(SeismicWavelet, FrequenciesOfATableAreThoseOfItsSamples) {
  const Scratch scratch;
  const Wavelet ricker({.frequency_hz = 10}, ".");
  for (const double sample_s : {0.001, 0.0004})
    for (const double length_s : {0.3, 2.0, 7.0}) {
      {
        std::ofstream file(scratch / "w.txt");
        for (int n = 0; n * sample_s < length_s; ++n)
          file << std::round(1e6 * ricker(n * sample_s)) * 1e-6 << "\n";
      }
      const Wavelet table({.kind = "tabulated", .file = "w.txt", .sample_s = sample_s},
                          scratch.path().string());
      EXPECT_NEAR(table.peak_frequency(), 10, 0.7) << sample_s << " " << length_s;
      EXPECT_NEAR(table.highest_frequency(), ricker.highest_frequency(), 1.3)
          << sample_s << " " << length_s;
    }
}

// A line of 60 Hz in a long table lies between any 400 frequencies.
TEST(SeismicWavelet, NarrowLinesAreSeen) {
  const Scratch scratch;
  {
    std::ofstream file(scratch / "w.txt");
    for (int n = 0; n < 20000; ++n) {
      const double t = n * 0.001, hann = 1 - std::cos(2 * std::numbers::pi * n / 20000);
      file << hann * std::sin(2 * std::numbers::pi * 60.63 * t) << "\n";
    }
  }
  const Wavelet table({.kind = "tabulated", .file = "w.txt", .sample_s = 0.001},
                      scratch.path().string());
  EXPECT_NEAR(table.peak_frequency(), 60.63, 0.05);
  EXPECT_NEAR(table.highest_frequency(), 60.7, 0.2);
}

TEST(SeismicWavelet, TablesAsOtherProgramsWriteThem) {
  const Scratch scratch;
  std::ofstream(scratch / "w.txt")
      << "\xEF\xBB\xBF"
         "amplitude\r\n+1.0\r\n\r\n# later\r\n1D-310\r\n-5.0D-01 # the last\r\n";
  const Wavelet wavelet({.kind = "tabulated", .file = "w.txt", .sample_s = 0.1},
                        scratch.path().string());
  EXPECT_EQ(wavelet(0), 1);
  EXPECT_LT(std::abs(wavelet(0.1)), 1e-15);
  EXPECT_NEAR(wavelet(0.2), -0.5, 1e-12);
}

TEST(SeismicWavelet, FilesThatAreNoWaveletAreRefused) {
  const Scratch scratch;
  const auto error = [&](const char* name, const char* text) {
    if (text) std::ofstream(scratch / name) << text;
    return error_of([&] {
      Wavelet({.kind = "tabulated", .file = name, .sample_s = 0.01}, scratch.path().string());
    });
  };
  EXPECT_PRED2(contains, error("missing.txt", nullptr), "cannot read");
  EXPECT_PRED2(contains, error("missing.txt", nullptr), "missing.txt");
  EXPECT_PRED2(contains, error("word.txt", "0\n1\nfoo\n"),
               "line 3, column 1: 'foo' is not a number");
  EXPECT_PRED2(contains, error("two.txt", "0\n1 2\n"), "line 2");
  EXPECT_PRED2(contains, error("nan.txt", "0\nnan\n"), "line 2");
  EXPECT_PRED2(contains, error("times.txt", "0,1\n0.1,2\n"), "wanted is 1: one sample a line");
  EXPECT_PRED2(contains, error("comma.txt", "0,5\n1,5\n"), "Are its commas decimal ones?");
  EXPECT_PRED2(contains, error("typo.txt", "O.1\n1\n2\n"), "line 1, column 1: 'O.1'");
  EXPECT_PRED2(contains, error("short.txt", "1\n"), "has 1 samples; at least 2");
  EXPECT_PRED2(contains, error("zero.txt", "0\n0\n0\n"), "all samples");
}

TEST(SeismicWavelet, KeysThatDoNotFitAreRefused) {
  EXPECT_TRUE(problems_of(WaveletParams{}).empty());
  const auto first = [](WaveletParams p) { return problems_of(std::move(p)).at(0); };
  EXPECT_PRED2(contains, first({.kind = "tabulated"}), "needs file and sample_s");
  EXPECT_PRED2(contains, first({.file = "a"}), "read by kind tabulated only");
  EXPECT_PRED2(contains, first({.amplitude = 0}), "nothing would be emitted");
  EXPECT_PRED2(contains, first({.frequency_hz = 0}), "frequency_hz");
  // What a kind has no use for.
  const WaveletParams table{.kind = "tabulated", .file = "a", .sample_s = 0.1};
  EXPECT_TRUE(problems_of(table).empty());
  WaveletParams late = table, fast = table;
  late.delay_s = 0.1;
  EXPECT_PRED2(contains, first(late), "delay_s");
  EXPECT_PRED2(contains, first(late), "whose first sample is at 0 s");
  fast.frequency_hz = 8;
  EXPECT_PRED2(contains, first(fast), "frequency_hz");
  EXPECT_PRED2(contains, first(fast), "those of its samples");
  for (const char* kind : {"ricker", "gaussian"})
    EXPECT_PRED2(contains, first({.kind = kind, .sample_s = 0.1}), "the interval of a table's");
}

}  // namespace
}  // namespace understudy::solvers::seismic
