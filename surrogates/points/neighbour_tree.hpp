// The k nearest of a fixed set of points, in host or device code: a balanced k-d tree (Bentley 1975)
// without pointers. The points are sorted so that each node is a range of them; a node's children are
// its two halves, split at the median of its widest axis; leaves hold `leaf_points` at most. A query
// walks the tree with a small stack, nearer half first, and leaves out halves beyond the k-th nearest so
// far. O(log n) for few axes, O(n) for many. Distances are Euclidean, in float.
//
// within() asks only whether the mean distance D(x) to the k nearest is at most a threshold T, the same
// for all queries, and stops as soon as that is sure:
//   - D is a mean of order statistics of distances, so |D(x) - D(p)| <= |x - p|. Every point p of the
//     set therefore has a ball of radius T - D(p) in which D <= T; D(p) is computed once. A query looks
//     at the points of its own leaf (and, where it is not full, the next ones) first.
//   - For the same reason a cell of half diagonal r around c has D <= T where D(c) + r <= T, and D > T
//     where D(c) - r > T. For up to three axes a grid of such cells over the points' box decides most
//     queries by one look.
//   - The mean over any k points bounds D from above: the walk ends when the k best so far are within T.
// The answer is that of mean_distance(x) <= T but for rounding (relative 1e-6 of T).
#pragma once

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace understudy::surrogates {

namespace neighbours {
inline constexpr int leaf_points = 16;
inline constexpr int beside = 16;  ///< points looked at together: those of a leaf at least
inline constexpr int most = 32;    ///< largest k
inline constexpr int grid_axes = 3;
inline constexpr int grid_cells = 65536;  ///< at most
inline constexpr int depth = 40;          ///< of the stack: a tree of 2^39 leaves

/// Sorted points and splits, on the host.
struct Sorted {
  std::vector<float> points;  ///< [axis, point], each axis padded by `beside` far points
  std::vector<int> axis;      ///< [node]: -1 for a leaf
  std::vector<float> split;   ///< [node]
  int count = 0;
};
/// `points` [count, axes].
Sorted sort(const std::vector<float>& points, int axes);
}  // namespace neighbours

template <class Memory>
class NeighbourTree {
 public:
  NeighbourTree() = default;
  /// `points` [count, axes].
  NeighbourTree(const std::vector<float>& points, int axes)
      : NeighbourTree(neighbours::sort(points, axes), axes) {}
  /// For within() with these.
  NeighbourTree(const std::vector<float>& points, int axes, int k, float threshold);

  KOKKOS_FUNCTION long long size() const { return count_; }

  /// Mean distance of `x` [axes] to its k nearest points (all, if there are fewer); k <= most.
  KOKKOS_FUNCTION float mean_distance(const float* x, int k) const {
    float best[neighbours::most];  // squares, ascending
    k = k < count_ ? k : count_;
    walk(x, k, -1.0f, best);
    return mean(best, k);
  }

  /// Is the mean distance of `x` to its k nearest points at most the threshold?
  KOKKOS_FUNCTION bool within(const float* x) const {
    const std::int8_t known = look_up(x);
    if (known != unknown) return known == below;
    int node = 0, begin = 0, end = count_;
    for (int axis = axis_(0); axis >= 0; axis = axis_(node)) {
      const int middle = begin + (end - begin) / 2;
      const bool lower = x[axis] < split_(node);
      node = 2 * node + (lower ? 1 : 2);
      begin = lower ? begin : middle;
      end = lower ? middle : end;
    }
    float near[neighbours::beside];
    squares(x, begin, near);
    bool sure = false;
    for (int n = 0; n < neighbours::beside; ++n) sure |= near[n] <= reach2_(begin + n);
    if (sure) return true;
    float best[neighbours::most];
    const float enough = static_cast<float>(k_) * threshold_ * threshold_;
    if (walk(x, k_, enough, best)) return true;
    return mean(best, k_) <= threshold_;
  }

 private:
  enum Known : std::int8_t { unknown, below, above };

  template <class Other>
  friend class NeighbourTree;

  NeighbourTree(const neighbours::Sorted& sorted, int axes) : count_(sorted.count), axes_(axes) {
    const auto stride = static_cast<std::size_t>(count_ + neighbours::beside);
    points_ = Kokkos::View<float**, Kokkos::LayoutRight, Memory>("reference points", axes, stride);
    axis_ = Kokkos::View<int*, Memory>("split axis", sorted.axis.size());
    split_ = Kokkos::View<float*, Memory>("split", sorted.split.size());
    copy(sorted.points.data(), points_.data(), sorted.points.size());
    copy(sorted.axis.data(), axis_.data(), sorted.axis.size());
    copy(sorted.split.data(), split_.data(), sorted.split.size());
  }

  template <class T>
  static void copy(const T* from, T* to, std::size_t count) {
    using Host = Kokkos::View<const T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>;
    using There = Kokkos::View<T*, Memory, Kokkos::MemoryUnmanaged>;
    if (count > 0) Kokkos::deep_copy(There(to, count), Host(from, count));
  }

  /// The k smallest squares; stops, and returns true, once their sum is at most `enough`: by Jensen's
  /// inequality the mean distance is then at most sqrt(enough / k).
  KOKKOS_FUNCTION bool walk(const float* x, int k, float enough, float* best) const {
    for (int n = 0; n < k; ++n) best[n] = 3e38f;
    if (k == 0) return false;
    struct {
      int node, begin, end;
      float bound;
    } stack[neighbours::depth];
    int top = 0;
    stack[top++] = {0, 0, count_, 0.0f};
    while (top > 0) {
      const auto at = stack[--top];
      if (at.bound >= best[k - 1]) continue;
      const int axis = axis_(at.node);
      if (axis < 0) {
        float near[neighbours::beside];
        squares(x, at.begin, near);
        for (int n = 0; n < at.end - at.begin; ++n) insert(near[n], best, k);
        if (best[k - 1] <= enough && sum(best, k) <= enough) return true;
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
    return false;
  }

  /// Squared distances of `beside` points from `begin` on: of one length, so that it is vectorised.
  KOKKOS_FUNCTION void squares(const float* x, int begin, float* near) const {
    for (int n = 0; n < neighbours::beside; ++n) near[n] = 0;
    for (int a = 0; a < axes_; ++a) {
      const float* along = &points_(a, begin);
      for (int n = 0; n < neighbours::beside; ++n) {
        const float d = x[a] - along[n];
        near[n] += d * d;
      }
    }
  }

  KOKKOS_FUNCTION std::int8_t look_up(const float* x) const {
    if (cells_ == 0) return unknown;
    int cell = 0;
    for (int a = 0; a < axes_; ++a) {
      const float at = (x[a] - low_[a]) * per_cell_[a];
      if (!(at >= 0 && at < static_cast<float>(cells_))) return unknown;
      cell = cell * cells_ + static_cast<int>(at);
    }
    return grid_(cell);
  }

  void make_grid(const NeighbourTree<Kokkos::HostSpace>& host);

  KOKKOS_FUNCTION static void insert(float value, float* best, int k) {
    if (value >= best[k - 1]) return;
    int n = k - 1;
    for (; n > 0 && best[n - 1] > value; --n) best[n] = best[n - 1];
    best[n] = value;
  }

  KOKKOS_FUNCTION static float sum(const float* best, int k) {
    float sum = 0;
    for (int n = 0; n < k; ++n) sum += best[n];
    return sum;
  }

  KOKKOS_FUNCTION static float mean(const float* best, int k) {
    float sum = 0;
    for (int n = 0; n < k; ++n) sum += Kokkos::sqrt(best[n]);
    return k > 0 ? sum / static_cast<float>(k) : 0;
  }

  Kokkos::View<float**, Kokkos::LayoutRight, Memory> points_;  ///< [axis, point]
  Kokkos::View<int*, Memory> axis_;
  Kokkos::View<float*, Memory> split_;
  Kokkos::View<float*, Memory> reach2_;      ///< [point]: squared radius of its ball; -1: none
  Kokkos::View<std::int8_t*, Memory> grid_;  ///< [cell], last axis fastest
  float low_[neighbours::grid_axes] = {}, per_cell_[neighbours::grid_axes] = {};
  int cells_ = 0;  ///< along each axis; 0: no grid
  int count_ = 0, axes_ = 0, k_ = 0;
  float threshold_ = 0;
};

template <class Memory>
NeighbourTree<Memory>::NeighbourTree(const std::vector<float>& points, int axes, int k,
                                     float threshold)
    : NeighbourTree(points, axes) {
  k_ = k < count_ ? k : count_;
  threshold_ = threshold;
  const NeighbourTree<Kokkos::HostSpace> host(points, axes);
  std::vector<float> reach2(static_cast<std::size_t>(count_ + neighbours::beside), -1.0f);
  std::vector<float> at(static_cast<std::size_t>(axes));
  for (int p = 0; p < count_; ++p) {
    for (int a = 0; a < axes; ++a) at[static_cast<std::size_t>(a)] = host.points_(a, p);
    const float left = threshold - host.mean_distance(at.data(), k_);
    if (left > 0) reach2[static_cast<std::size_t>(p)] = left * left;
  }
  reach2_ = Kokkos::View<float*, Memory>("reach", reach2.size());
  copy(reach2.data(), reach2_.data(), reach2.size());
  if (axes <= neighbours::grid_axes && count_ > 0 && threshold > 0) make_grid(host);
}

template <class Memory>
void NeighbourTree<Memory>::make_grid(const NeighbourTree<Kokkos::HostSpace>& host) {
  cells_ = 1;
  const auto all = [this](int cells) { return static_cast<int>(std::pow(cells, axes_) + 0.5); };
  while (all(cells_ + 1) <= neighbours::grid_cells && cells_ < 4096) ++cells_;
  float side[neighbours::grid_axes], diagonal2 = 0, largest = 0;
  for (int a = 0; a < axes_; ++a) {
    const float* along = &host.points_(a, 0);
    const auto [low, high] = std::minmax_element(along, along + count_);
    low_[a] = *low - threshold_;
    side[a] = (*high - *low + 2 * threshold_) / static_cast<float>(cells_);
    per_cell_[a] = 1 / side[a];
    diagonal2 += side[a] * side[a];
    largest = std::max({largest, std::abs(*low), std::abs(*high), threshold_});
  }
  // A little more: a query may be given to the cell beside its own by rounding.
  const float half = 0.5f * std::sqrt(diagonal2) * 1.0001f + 1e-6f * largest;
  std::vector<std::int8_t> grid(static_cast<std::size_t>(all(cells_)), unknown);
  for (int cell = 0; cell < all(cells_); ++cell) {
    float centre[neighbours::grid_axes];
    for (int a = axes_ - 1, rest = cell; a >= 0; --a, rest /= cells_)
      centre[a] = low_[a] + side[a] * (static_cast<float>(rest % cells_) + 0.5f);
    const float distance = host.mean_distance(centre, k_);
    if (distance + half <= threshold_) grid[static_cast<std::size_t>(cell)] = below;
    if (distance - half > threshold_) grid[static_cast<std::size_t>(cell)] = above;
  }
  grid_ = Kokkos::View<std::int8_t*, Memory>("distance grid", grid.size());
  copy(grid.data(), grid_.data(), grid.size());
}

}  // namespace understudy::surrogates
