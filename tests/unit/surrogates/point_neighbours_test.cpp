// The k-d tree of the distance gate against brute force.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "surrogates/points/neighbour_tree.hpp"

namespace understudy::tests {

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

// Whichever certificate decides, the answer is that of the mean distance itself.
TEST(NeighbourTree, WithinIsTheThresholdOnTheMeanDistance) {
  for (const int axes : {1, 2, 3, 6})
    for (const int count : {1, 5, 40, 3000}) {
      std::mt19937 random(7);
      std::normal_distribution<float> draw;
      std::vector<float> points(static_cast<std::size_t>(count * axes));
      for (float& p : points) p = draw(random);
      const surrogates::NeighbourTree<Kokkos::HostSpace> plain(points, axes);
      for (const int k : {1, 8})
        for (const float threshold : {0.02f, 0.1f, 0.5f, 1.5f}) {
          const surrogates::NeighbourTree<Kokkos::HostSpace> tree(points, axes, k, threshold);
          int inside = 0;
          for (int query = 0; query < 300; ++query) {
            std::vector<float> x(axes);
            for (float& v : x) v = 1.5f * draw(random);
            const float distance = plain.mean_distance(x.data(), k);
            inside += distance <= threshold;
            if (std::abs(distance - threshold) > 1e-5f * threshold) {
              EXPECT_EQ(tree.within(x.data()), distance <= threshold)
                  << axes << " axes, " << count << " points, distance " << distance;
            }
          }
          if (count == 3000 && axes == 2 && threshold == 0.5f) {
            EXPECT_GT(inside, 100);
            EXPECT_LT(inside, 300);
          }
        }
    }
}

}  // namespace

}  // namespace understudy::tests
