// Traces and gradients beside each other.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace understudy::tests {

inline double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

// Both sides near zero would compare equal, too: so the size is asked for.
inline void expect_close(const std::vector<double>& a, const std::vector<double>& b,
                         double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  const double size = largest(a);
  EXPECT_GT(size, 0);
  for (std::size_t n = 0; n < a.size(); ++n) ASSERT_NEAR(a[n], b[n], tolerance * size) << n;
}

}  // namespace understudy::tests
