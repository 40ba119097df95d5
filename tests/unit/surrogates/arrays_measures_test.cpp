// Measures of images against values computed by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/surrogates_arrays_case.hpp"
#include "surrogates/arrays/image_measures.hpp"

namespace understudy::tests {

namespace {

using namespace surrogates;

TEST(ImageMeasures, MeanAbsoluteErrorIsOfValuesScaledByTheRange) {
  const std::vector<float> a{1500, 3000, 4500, 2000}, b{1650, 3000, 4350, 2300};
  // 150, 0, 150, 300 of a half range of 1500: mean 0.1.
  EXPECT_NEAR(mean_absolute_error(a, b, {1500, 4500}), 0.1, 1e-12);
}

TEST(ImageMeasures, RelativeL2) {
  const std::vector<float> a{3, 4, 1}, b{3, 4, 0}, zero{0, 0, 0};
  EXPECT_NEAR(relative_l2(a, b), 0.2, 1e-12);
  EXPECT_EQ(relative_l2(zero, zero), 0);
  EXPECT_EQ(relative_l2(a, zero), std::numeric_limits<double>::infinity());
}

// Two images of one point: the window's middle weight w0^2 is all that lies inside.
TEST(ImageMeasures, SimilarityOfOnePointByHand) {
  double sum = 0;
  for (int n = -5; n <= 5; ++n) sum += std::exp(-n * n / 4.5);
  const double w = 1 / (sum * sum), x = 0.25, y = 0.75;
  const double mx = w * x, my = w * y, c1 = 1e-4, c2 = 9e-4;
  const double vx = w * x * x - mx * mx, vy = w * y * y - my * my, cov = w * x * y - mx * my;
  const double expected =
      (2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
  EXPECT_NEAR(
      structural_similarity(std::vector<float>{0.25F}, std::vector<float>{0.75F}, 1, {0, 1}),
      expected, 1e-12);
}

// Far from the borders of constant images the variances vanish and the means alone count; a direct sum
// over the window gives the rest.
TEST(ImageMeasures, SimilarityEqualsADirectSum) {
  const int rows = 13, columns = 17;
  std::vector<float> a, b;
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i) {
      a.push_back(static_cast<float>(2000 + 100 * j + 30 * std::sin(1.7 * i)));
      b.push_back(static_cast<float>(2000 + 90 * j + 45 * std::sin(1.3 * i + j)));
    }
  double norm = 0, total = 0;
  for (int n = -5; n <= 5; ++n) norm += std::exp(-n * n / 4.5);
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i) {
      double m[5] = {};
      for (int dj = -5; dj <= 5; ++dj)
        for (int di = -5; di <= 5; ++di) {
          if (j + dj < 0 || j + dj >= rows || i + di < 0 || i + di >= columns) continue;
          const double w = std::exp(-(dj * dj + di * di) / 4.5) / (norm * norm);
          const double x = (a[(j + dj) * columns + i + di] - 1500.0) / 3000,
                       y = (b[(j + dj) * columns + i + di] - 1500.0) / 3000;
          m[0] += w * x;
          m[1] += w * y;
          m[2] += w * x * x;
          m[3] += w * y * y;
          m[4] += w * x * y;
        }
      total +=
          (2 * m[0] * m[1] + 1e-4) * (2 * (m[4] - m[0] * m[1]) + 9e-4) /
          ((m[0] * m[0] + m[1] * m[1] + 1e-4) * (m[2] - m[0] * m[0] + m[3] - m[1] * m[1] + 9e-4));
    }
  const double measured = structural_similarity(a, b, rows, {1500, 4500});
  EXPECT_NEAR(measured, total / (rows * columns), 1e-10);
  EXPECT_LT(measured, 0.999);
  EXPECT_NEAR(structural_similarity(a, a, rows, {1500, 4500}), 1, 1e-12);
}

TEST(ImageMeasures, Errors) {
  const std::vector<float> a{1, 2, 3}, b{1, 2};
  EXPECT_TRUE(tells(why([&] { relative_l2(a, b); }), "two arrays of 3 and 2 values"));
  EXPECT_TRUE(tells(why([&] { mean_absolute_error(a, a, {2, 2}); }), "the range 2 to 2"));
  EXPECT_TRUE(tells(why([&] { structural_similarity(a, a, 2, {0, 1}); }), "no image of 2 rows"));
}

}  // namespace

}  // namespace understudy::tests
