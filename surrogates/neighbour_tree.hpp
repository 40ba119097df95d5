// The k nearest of a fixed set of points, in host or device code: a balanced k-d tree (Bentley 1975)
// without pointers. The points are sorted so that each node is a range of them; a node's children are
// its two halves, split at the median of its widest axis; leaves hold `leaf_points` at most. A query
// walks the tree with a small stack, nearer half first, and leaves out halves beyond the k-th nearest so
// far. O(log n) for few axes, O(n) for many. Distances are Euclidean, in float.
#pragma once

#include <Kokkos_Core.hpp>
#include <string>
#include <vector>

namespace understudy::surrogates {

namespace neighbours {
inline constexpr int leaf_points = 8;
inline constexpr int most = 32;   ///< largest k
inline constexpr int depth = 40;  ///< of the stack: a tree of 2^39 leaves

/// Sorted points and splits, on the host.
struct Sorted {
  std::vector<float> points;  ///< [point, axis]
  std::vector<int> axis;      ///< [node]: -1 for a leaf
  std::vector<float> split;   ///< [node]
};
/// `points` [count, axes].
Sorted sort(std::vector<float> points, int axes);
}  // namespace neighbours

template <class Memory>
class NeighbourTree {
 public:
  NeighbourTree() = default;
  NeighbourTree(const std::vector<float>& points, int axes) {
    const neighbours::Sorted sorted = neighbours::sort(points, axes);
    const auto count = points.size() / static_cast<std::size_t>(axes);
    points_ = Points("reference points", count, axes);
    axis_ = Kokkos::View<int*, Memory>("split axis", sorted.axis.size());
    split_ = Kokkos::View<float*, Memory>("split", sorted.split.size());
    copy(sorted.points.data(), points_.data(), sorted.points.size());
    copy(sorted.axis.data(), axis_.data(), sorted.axis.size());
    copy(sorted.split.data(), split_.data(), sorted.split.size());
  }

  KOKKOS_FUNCTION long long size() const { return static_cast<long long>(points_.extent(0)); }

  /// Mean distance of `x` [axes] to its k nearest points (all, if there are fewer); k <= most.
  KOKKOS_FUNCTION float mean_distance(const float* x, int k) const {
    const auto count = static_cast<int>(points_.extent(0));
    k = k < count ? k : count;
    float best[neighbours::most];  // squares, ascending
    for (int n = 0; n < k; ++n) best[n] = 3e38f;
    struct {
      int node, begin, end;
      float bound;
    } stack[neighbours::depth];
    int top = 0;
    stack[top++] = {0, 0, count, 0.0f};
    while (top > 0) {
      const auto at = stack[--top];
      if (at.bound >= best[k - 1]) continue;
      const int axis = axis_(at.node);
      if (axis < 0) {
        for (int p = at.begin; p < at.end; ++p) insert(distance2(x, p), best, k);
        continue;
      }
      const int middle = at.begin + (at.end - at.begin) / 2;
      const float aside = x[axis] - split_(at.node);
      const float beyond = aside * aside > at.bound ? aside * aside : at.bound;
      const int lower = 2 * at.node + 1, upper = lower + 1;
      // the nearer half comes off the stack first
      if (aside < 0) {
        stack[top++] = {upper, middle, at.end, beyond};
        stack[top++] = {lower, at.begin, middle, at.bound};
      } else {
        stack[top++] = {lower, at.begin, middle, beyond};
        stack[top++] = {upper, middle, at.end, at.bound};
      }
    }
    float sum = 0;
    for (int n = 0; n < k; ++n) sum += Kokkos::sqrt(best[n]);
    return k > 0 ? sum / static_cast<float>(k) : 0;
  }

 private:
  using Points = Kokkos::View<float**, Kokkos::LayoutRight, Memory>;

  template <class T>
  static void copy(const T* from, T* to, std::size_t count) {
    using Host = Kokkos::View<const T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>;
    using There = Kokkos::View<T*, Memory, Kokkos::MemoryUnmanaged>;
    if (count > 0) Kokkos::deep_copy(There(to, count), Host(from, count));
  }

  KOKKOS_FUNCTION float distance2(const float* x, int point) const {
    float sum = 0;
    for (int a = 0; a < static_cast<int>(points_.extent(1)); ++a) {
      const float d = x[a] - points_(point, a);
      sum += d * d;
    }
    return sum;
  }

  KOKKOS_FUNCTION static void insert(float value, float* best, int k) {
    if (value >= best[k - 1]) return;
    int n = k - 1;
    for (; n > 0 && best[n - 1] > value; --n) best[n] = best[n - 1];
    best[n] = value;
  }

  Points points_;
  Kokkos::View<int*, Memory> axis_;
  Kokkos::View<float*, Memory> split_;
};

}  // namespace understudy::surrogates
