#include "surrogates/points/neighbour_tree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace understudy::surrogates::neighbours {

namespace {

struct Builder {
  const std::vector<float>& points;
  int axes;
  std::vector<int> order;
  Sorted& sorted;

  float value(int point, int axis) const {
    return points[static_cast<std::size_t>(point) * axes + axis];
  }

  int widest(int begin, int end) const {
    int best = 0;
    float width = -1;
    for (int a = 0; a < axes; ++a) {
      float low = std::numeric_limits<float>::max(), high = -low;
      for (int n = begin; n < end; ++n) {
        low = std::min(low, value(order[n], a));
        high = std::max(high, value(order[n], a));
      }
      if (high - low > width) {
        width = high - low;
        best = a;
      }
    }
    return best;
  }

  void node(std::size_t index, int begin, int end) {
    if (sorted.axis.size() <= index) {
      sorted.axis.resize(index + 1, -1);
      sorted.split.resize(index + 1, 0);
    }
    if (end - begin <= leaf_points) return;
    const int axis = widest(begin, end), middle = begin + (end - begin) / 2;
    const auto by_axis = [&](int a, int b) { return value(a, axis) < value(b, axis); };
    std::nth_element(order.begin() + begin, order.begin() + middle, order.begin() + end, by_axis);
    sorted.axis[index] = axis;
    sorted.split[index] = value(order[middle], axis);
    node(2 * index + 1, begin, middle);
    node(2 * index + 2, middle, end);
  }
};

}  // namespace

Sorted sort(const std::vector<float>& points, int axes) {
  Sorted sorted;
  sorted.count = static_cast<int>(points.size() / static_cast<std::size_t>(axes));
  Builder builder{points, axes, std::vector<int>(sorted.count), sorted};
  std::iota(builder.order.begin(), builder.order.end(), 0);
  builder.node(0, 0, sorted.count);
  for (int a = 0; a < axes; ++a) {
    for (const int point : builder.order) sorted.points.push_back(builder.value(point, a));
    sorted.points.insert(sorted.points.end(), beside, 1e18f);  // its square is finite
  }
  return sorted;
}

}  // namespace understudy::surrogates::neighbours
