// The k-d tree of the distance gate against brute force.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "surrogates/neighbour_tree.hpp"

namespace understudy::test {

namespace {

TEST(NeighbourTree, IsBruteForce) {
  for (const int axes : {1, 2, 5}) {
    std::mt19937 random(3);
    std::normal_distribution<float> draw;
    std::vector<float> points(static_cast<std::size_t>(700 * axes));
    for (float& p : points) p = draw(random);
    for (int n = 0; n < 20 * axes; ++n) points[n] = 0.5f;  // equal points, too
    const surrogates::NeighbourTree<Kokkos::HostSpace> tree(points, axes);
    for (int query = 0; query < 50; ++query) {
      std::vector<float> x(axes);
      for (float& v : x) v = 2 * draw(random);
      std::vector<float> all;
      for (int p = 0; p < 700; ++p) {
        float sum = 0;
        for (int a = 0; a < axes; ++a) {
          const float d = x[a] - points[static_cast<std::size_t>(p * axes + a)];
          sum += d * d;
        }
        all.push_back(std::sqrt(sum));
      }
      std::ranges::sort(all);
      for (const int k : {1, 4, 32}) {
        float mean = 0;
        for (int n = 0; n < k; ++n) mean += all[n] / static_cast<float>(k);
        EXPECT_NEAR(tree.mean_distance(x.data(), k), mean, 1e-5f * (1 + mean));
      }
    }
  }
}

}  // namespace

}  // namespace understudy::test
