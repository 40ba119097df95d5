// Misfits and regularisation against finite differences; the low pass on different sampling.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/sampling.hpp"
#include "solvers/seismic/inversion/misfit.hpp"
#include "solvers/seismic/inversion/regularisation.hpp"
#include "solvers/seismic/survey/wavelet.hpp"

namespace understudy::solvers::seismic {
namespace {

// --- misfits

Gather random_gather(int samples, int receivers, std::uint64_t seed) {
  core::SplitMix random(seed);
  Gather gather(samples, receivers);
  for (auto& v : gather.values) v = 2 * random.uniform() - 1;
  return gather;
}

TEST(SeismicMisfit, DerivativesAreThoseOfFiniteDifferences) {
  const Gather u = random_gather(31, 2, 1), d = random_gather(31, 2, 2);
  for (const auto& kind : Misfit::kinds()) {
    const Misfit misfit(kind, 0.004, 31);
    const TraceMisfit at = misfit(u, d);
    EXPECT_GT(at.value, 0);
    double largest = 0;
    for (const double v : at.derivative.values) largest = std::max(largest, std::abs(v));
    for (std::size_t n = 0; n < u.values.size(); ++n) {
      const double h = 1e-5;
      Gather more = u, less = u;
      more.values[n] += h;
      less.values[n] -= h;
      const double slope = (misfit(more, d).value - misfit(less, d).value) / (2 * h);
      EXPECT_NEAR(at.derivative.values[n], slope, 1e-6 * largest) << kind << " " << n;
    }
  }
}

TEST(SeismicMisfit, NothingIsWrongWithEqualTraces) {
  const Gather d = random_gather(40, 3, 4);
  for (const auto& kind : Misfit::kinds()) {
    const TraceMisfit at = Misfit(kind, 0.004, 40)(d, d);
    EXPECT_NEAR(at.value, 0, 1e-15) << kind;
    for (const double v : at.derivative.values) EXPECT_NEAR(v, 0, 1e-15) << kind;
  }
}

TEST(SeismicMisfit, ValuesAreThoseOfTheirFormulas) {
  // One trace of two samples, dt 0.5: u = (3, 4), d = (3, 0).
  Gather u(2, 1), d(2, 1);
  u.values = {3, 4};
  d.values = {3, 0};
  EXPECT_NEAR(Misfit("least_squares", 0.5, 2)(u, d).value, 0.5 * 16 * 0.5, 1e-14);
  // |d| = 3 sqrt(0.5); <u, d> / (|u| |d|) = 9 / 15.
  EXPECT_NEAR(Misfit("correlation", 0.5, 2)(u, d).value, 3 * std::sqrt(0.5) * (1 - 0.6), 1e-14);
}

TEST(SeismicMisfit, CorrelationIsBlindToAmplitudes) {
  const Gather u = random_gather(40, 2, 5), d = random_gather(40, 2, 6);
  Gather louder = u;
  for (auto& v : louder.values) v *= 17;
  const Misfit misfit("correlation", 0.004, 40);
  const auto at = misfit(u, d);
  EXPECT_NEAR(misfit(louder, d).value, at.value, 1e-13 * at.value);
  EXPECT_GT(Misfit("least_squares", 0.004, 40)(louder, d).value,
            10 * Misfit("least_squares", 0.004, 40)(u, d).value);
  // So its derivative has no part along u.
  for (int r = 0; r < 2; ++r) {
    double along = 0, size = 0;
    for (int n = 0; n < 40; ++n) {
      along += at.derivative.at(n, r) * u.at(n, r);
      size += std::abs(at.derivative.at(n, r) * u.at(n, r));
    }
    EXPECT_NEAR(along, 0, 1e-13 * size);
  }
}

TEST(SeismicMisfit, SilentTracesDoNotBreakIt) {
  const Gather silent(20, 2), d = random_gather(20, 2, 3);
  for (const auto& kind : Misfit::kinds()) {
    const Misfit misfit(kind, 0.004, 20);
    for (const auto& result : {misfit(silent, d), misfit(d, silent), misfit(silent, silent)}) {
      EXPECT_TRUE(std::isfinite(result.value)) << kind;
      for (const double v : result.derivative.values) EXPECT_TRUE(std::isfinite(v)) << kind;
    }
  }
}

// The envelope of a wave packet does not see its phase (Wu, Luo and Wu 2014).
TEST(SeismicMisfit, EnvelopeIsBlindToThePhaseOfAPacket) {
  const auto packet = [](double phase) {
    Gather g(400, 1);
    for (int n = 0; n < 400; ++n) {
      const double t = (n - 200) * 0.004;
      g.at(n, 0) = std::exp(-50 * t * t) * std::cos(2 * std::numbers::pi * 20 * t + phase);
    }
    return g;
  };
  const Misfit envelope("envelope", 0.004, 400), squares("least_squares", 0.004, 400);
  EXPECT_LT(envelope(packet(0), packet(1.5)).value, 1e-4 * squares(packet(0), packet(1.5)).value);
  EXPECT_THROW(Misfit("none_such", 0.004, 10), std::invalid_argument);
}

// --- the low pass

TEST(SeismicLowPass, DoesTheSameToAWaveletAndToTracesOfAnotherInterval) {
  const Wavelet wavelet({.frequency_hz = 12}, ".");
  for (const double cutoff : {4.0, 8.0, 15.0}) {
    auto fine = wavelet.sampled(0.0005, 2001);
    auto coarse = wavelet.sampled(0.004, 251);
    low_pass(fine, 1, 0.0005, cutoff);
    low_pass(coarse, 1, 0.004, cutoff);
    double largest = 0;
    for (const double v : fine) largest = std::max(largest, std::abs(v));
    for (int n = 0; n < 251; ++n) EXPECT_NEAR(coarse[n], fine[8 * n], 5e-3 * largest) << n;
  }
}

TEST(SeismicLowPass, RemovesWhatLiesAboveAndKeepsWhatLiesBelow) {
  const double dt = 0.002, cutoff = 10;
  const auto gain = [&](double frequency) {
    std::vector<double> wave(2000);
    for (int n = 0; n < 2000; ++n) wave[n] = std::sin(2 * std::numbers::pi * frequency * n * dt);
    low_pass(wave, 1, dt, cutoff);
    return *std::max_element(wave.begin() + 1000, wave.end());
  };
  EXPECT_NEAR(gain(1), 1, 0.03);
  EXPECT_NEAR(gain(cutoff), 0.1, 0.005);  // as the header says
  EXPECT_LT(gain(20), 1e-3);
  EXPECT_LT(gain(60), 1e-3);
  // Columns do not mix.
  std::vector<double> two(400, 0);
  for (int n = 0; n < 200; ++n) two[2 * n] = std::sin(0.05 * n);
  low_pass(two, 2, dt, cutoff);
  for (int n = 0; n < 200; ++n) EXPECT_EQ(two[2 * n + 1], 0);
}

TEST(SeismicLowPass, IsCausal) {
  std::vector<double> wave(300, 0);
  wave[100] = 1;
  low_pass(wave, 1, 0.002, 10);
  for (int n = 0; n < 100; ++n) EXPECT_EQ(wave[n], 0);
  EXPECT_GT(*std::max_element(wave.begin(), wave.end()), 0);
}

// --- smoothness

TEST(SeismicRegularisation, DerivativesAreThoseOfFiniteDifferences) {
  for (const auto& cells : {std::vector<long long>{6, 5}, std::vector<long long>{4, 3, 5}}) {
    mesh::GridParams grid;
    grid.cells = cells;
    grid.lower_m.assign(cells.size(), 0);
    grid.upper_m.assign(cells.size(), 100);
    std::size_t count = 1;
    for (const auto n : cells) count *= std::size_t(n);
    core::SplitMix random(3);
    std::vector<double> m(count);
    for (auto& v : m) v = 1 + 0.01 * random.uniform();
    for (const Regularisation& r : {Regularisation{2, 0}, Regularisation{0, 3}}) {
      std::vector<double> gradient(count, 5), unused(count);
      const double value = r.add(m, grid, gradient);
      EXPECT_GT(value, 0);
      for (std::size_t n = 0; n < count; ++n) {
        const double h = 1e-6;
        auto more = m, less = m;
        more[n] += h;
        less[n] -= h;
        const double slope = (r.add(more, grid, unused) - r.add(less, grid, unused)) / (2 * h);
        EXPECT_NEAR(gradient[n] - 5, slope, 1e-6 * (1 + std::abs(slope))) << n;
      }
    }
  }
}

TEST(SeismicRegularisation, AFlatModelCostsNothingAndAStepWhatTheFormulaSays) {
  mesh::GridParams grid;
  grid.cells = {4, 4};
  std::vector<double> flat(16, 1.3), step(16, 1), gradient(16);
  for (int j = 2; j < 4; ++j)
    for (int i = 0; i < 4; ++i) step[4 * j + i] = 1.2;
  EXPECT_EQ((Regularisation{1, 1}.add(flat, grid, gradient)), 0);
  EXPECT_NEAR((Regularisation{1, 0}.add(step, grid, gradient)), 4 * 0.04 / 2 / 16, 1e-14);
  const double e = 1e-3;
  EXPECT_NEAR((Regularisation{0, 1}.add(step, grid, gradient)),
              4 * (std::sqrt(0.04 + e * e) - e) / 16, 1e-14);
}

}  // namespace
}  // namespace understudy::solvers::seismic
