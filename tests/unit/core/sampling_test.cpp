// Points by which an ensemble's parameters are drawn.
#include "core/sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.hpp"

namespace understudy::core {

namespace {

double unit(std::uint32_t digits) { return digits * 0x1.0p-32; }

// How many of the points lie in each of `cells` equal intervals of an axis.
std::vector<int> histogram(const std::vector<std::vector<double>>& points, int axis, int cells) {
  std::vector<int> count(cells, 0);
  for (const auto& p : points) ++count.at(static_cast<int>(p[axis] * cells));
  return count;
}

}  // namespace

// Trained networks rest on these numbers: another stream would be another training.
TEST(CoreSampling, OrdersAndMixedSeedsAreThoseOfEarlierTrainings) {
  EXPECT_EQ(mix(0, 0), 0xe220a8397b1dcdafull);
  EXPECT_EQ(mix(1, 2), 0xf893a2eefb32555eull);
  EXPECT_EQ(mix(12345, 0x5eed), 0x2ac08df1ef0c064aull);
  EXPECT_EQ(epoch_order(10, 1, 0), (std::vector<std::int64_t>{6, 4, 9, 1, 0, 5, 8, 3, 7, 2}));
  EXPECT_EQ(epoch_order(10, 1, 1), (std::vector<std::int64_t>{2, 0, 3, 6, 7, 4, 1, 9, 5, 8}));
  EXPECT_EQ(epoch_order(10, 7, 0x5eed), (std::vector<std::int64_t>{5, 3, 1, 7, 6, 9, 8, 2, 4, 0}));
  EXPECT_TRUE(epoch_order(0, 1, 1).empty());
}

// Worked by hand from the direction numbers: axis 3 has v = 1/2, 3/4, then v_3 = v_2 ^ v_1 ^ v_1/4.
TEST(CoreSampling, SobolStartsAsItsDirectionNumbersSay) {
  const Sobol sobol(3);
  const double expected[8][3] = {{0, 0, 0},
                                 {0.5, 0.5, 0.5},
                                 {0.75, 0.25, 0.25},
                                 {0.25, 0.75, 0.75},
                                 {0.375, 0.375, 0.625},
                                 {0.875, 0.875, 0.125},
                                 {0.625, 0.125, 0.875},
                                 {0.125, 0.625, 0.375}};
  for (std::uint32_t n = 0; n < 8; ++n) {
    const auto p = sobol.point(n);
    for (int axis = 0; axis < 3; ++axis) EXPECT_EQ(unit(p[axis]), expected[n][axis]) << n;
  }
}

// The property that defines the sequence: on every axis each dyadic interval gets its share.
TEST(CoreSampling, SobolFillsEveryDyadicIntervalOnce) {
  for (const std::uint64_t seed : {1ull, 77ull}) {
    const auto points = sample_unit_cube({"sobol", 256, Sobol::most_axes, seed});
    for (int axis = 0; axis < Sobol::most_axes; ++axis)
      for (const int count : histogram(points, axis, 256)) EXPECT_EQ(count, 1) << axis;
  }
}

// Axes 1 and 2 form a (0, 2)-sequence in base 2: of 2^m points each box of area 2^-m holds one.
TEST(CoreSampling, SobolsFirstTwoAxesAreANet) {
  const auto points = sample_unit_cube({"sobol", 64, 2, 5});
  for (int split = 0; split <= 6; ++split) {
    std::set<std::pair<int, int>> boxes;
    for (const auto& p : points)
      boxes.insert({static_cast<int>(p[0] * (1 << split)), static_cast<int>(p[1] * (64 >> split))});
    EXPECT_EQ(boxes.size(), 64u) << split;
  }
}

// No two axes may be the same sequence: a wrong polynomial or number shows here.
TEST(CoreSampling, SobolsAxesDifferAndIntegrateWell) {
  const auto points = sample_unit_cube({"sobol", 1024, Sobol::most_axes, 3});
  for (int a = 0; a < Sobol::most_axes; ++a)
    for (int b = 0; b < a; ++b) {
      double correlation = 0;
      for (const auto& p : points) correlation += (p[a] - 0.5) * (p[b] - 0.5) * 12 / 1024;
      EXPECT_LT(std::abs(correlation), 0.02) << a << " " << b;
    }
}

// Radical inverses worked by hand: 1, 2, 3... in base 2 and base 3.
TEST(CoreSampling, HaltonWithoutPermutationsIsTheRadicalInverse) {
  const Halton two(0, nullptr), three(1, nullptr);
  const double in_two[6] = {0, 0.5, 0.25, 0.75, 0.125, 0.625};
  const double in_three[6] = {0, 1. / 3, 2. / 3, 1. / 9, 4. / 9, 7. / 9};
  for (std::uint64_t n = 0; n < 6; ++n) {
    EXPECT_EQ(two.point(n), in_two[n]) << n;
    EXPECT_NEAR(three.point(n), in_three[n], 1e-15) << n;
  }
}

// The property that defines it, which permuted digits keep: of b^k points each interval of length b^-k
// holds one.
TEST(CoreSampling, HaltonFillsEveryIntervalOfItsBaseOnce) {
  for (const auto& [axis, count] : std::vector<std::pair<int, int>>{{0, 256}, {1, 243}, {2, 125}}) {
    const auto points = sample_unit_cube({"halton", std::size_t(count), 3, 9});
    for (const int n : histogram(points, axis, count)) EXPECT_EQ(n, 1) << axis;
  }
}

// Without permutations the axes of bases 17 and 19 run along lines: correlation 0.9 of the first 16.
TEST(CoreSampling, PermutedHaltonHasNoCorrelatedAxes) {
  const auto points = sample_unit_cube({"halton", 4000, Halton::most_axes, 3});
  for (int a = 0; a < Halton::most_axes; ++a)
    for (int b = 0; b < a; ++b) {
      double correlation = 0;
      for (const auto& p : points) correlation += (p[a] - 0.5) * (p[b] - 0.5) * 12 / 4000;
      EXPECT_LT(std::abs(correlation), 0.05) << a << " " << b;
    }
}

TEST(CoreSampling, LatinHypercubeHasOnePointInEachInterval) {
  for (const std::size_t n : {1u, 7u, 40u}) {
    const auto points = sample_unit_cube({"latin_hypercube", n, 5, 11});
    ASSERT_EQ(points.size(), n);
    for (int axis = 0; axis < 5; ++axis)
      for (const int count : histogram(points, axis, static_cast<int>(n))) EXPECT_EQ(count, 1);
  }
}

TEST(CoreSampling, TheSeedDecides) {
  for (const auto& method : sampling_methods()) {
    const auto a = sample_unit_cube({method, 20, 3, 1}), b = sample_unit_cube({method, 20, 3, 1});
    const auto c = sample_unit_cube({method, 20, 3, 2});
    EXPECT_EQ(a, b) << method;
    EXPECT_NE(a, c) << method;
    for (const auto& p : a)
      for (const double x : p) EXPECT_TRUE(x >= 0 && x < 1) << method;
  }
}

TEST(CoreSampling, SkippedNumbersAreThoseNotDrawn) {
  SplitMix drawn(8), skipped(8);
  for (int n = 0; n < 5; ++n) drawn.bits();
  skipped.skip(5);
  EXPECT_EQ(drawn.bits(), skipped.bits());
}

TEST(CoreSampling, ShuffledIsAPermutation) {
  SplitMix random(4);
  auto order = shuffled(100, random);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::size_t n = 0; n < 100; ++n) EXPECT_EQ(order[n], n);
}

TEST(CoreSampling, SaysWhatItDoesNotKnow) {
  EXPECT_THROW(sample_unit_cube({"hammersley", 4, 2, 1}), UserError);
  EXPECT_THROW(sample_unit_cube({"halton", 4, 21, 1}), UserError);
  try {
    sample_unit_cube({"sobol", 4, 14, 1});
    FAIL();
  } catch (const UserError& e) {
    EXPECT_NE(std::string(e.what()).find("1 to 13"), std::string::npos) << e.what();
  }
}

}  // namespace understudy::core
