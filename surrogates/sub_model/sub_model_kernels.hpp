// The kernels of a gated call (private to surrogates/sub_model/sub_model.cpp): normalise, judge, compact, gather,
// scatter. Free functions, so that a device compiler takes their lambdas.
#pragma once

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "surrogates/points/neighbour_tree.hpp"

namespace understudy::sub_model {

/// Why a point is not the network's. The order is that of the tests.
enum Verdict : std::int8_t { trusted, not_finite, out_of_range, too_far, disagreed, bad_output };
inline constexpr int verdicts = 6;

template <class T, class Memory>
using Matrix = Kokkos::View<T**, Kokkos::LayoutRight, Memory>;
template <class T, class Memory>
using Vector = Kokkos::View<T*, Memory>;
template <class Memory>
using Range =
    Kokkos::RangePolicy<typename Memory::execution_space, Kokkos::IndexType<std::int64_t>>;

/// By column.
template <class Memory>
struct ColumnStatistics {
  Vector<double, Memory> mean, std, lowest, highest;
};

template <class Memory>
struct Tests {
  bool range = false, distance = false;
  surrogates::NeighbourTree<Memory> tree;  ///< with the distance's threshold
};

/// x = (in - mean) / std.
template <class Real, class Net, class Memory>
void normalise(const Matrix<const Real, Memory>& in, const ColumnStatistics<Memory>& c,
               const Matrix<Net, Memory>& x) {
  const int width = static_cast<int>(in.extent(1));
  Kokkos::parallel_for(
      "understudy normalise", Range<Memory>(0, static_cast<std::int64_t>(in.extent(0))),
      KOKKOS_LAMBDA(std::int64_t n) {
        for (int f = 0; f < width; ++f)
          x(n, f) = static_cast<Net>((static_cast<double>(in(n, f)) - c.mean(f)) / c.std(f));
      });
}

/// The tests that need no network. `x`: normalised, float.
template <class Real, class Memory>
void judge(const Matrix<const Real, Memory>& in, const Matrix<float, Memory>& x,
           const ColumnStatistics<Memory>& c, const Tests<Memory>& tests,
           const Vector<std::int8_t, Memory>& verdict) {
  const int width = static_cast<int>(in.extent(1));
  Kokkos::parallel_for(
      "understudy judge", Range<Memory>(0, static_cast<std::int64_t>(in.extent(0))),
      KOKKOS_LAMBDA(std::int64_t n) {
        std::int8_t v = trusted;
        for (int f = 0; f < width; ++f) {
          const double value = static_cast<double>(in(n, f));
          if (!Kokkos::isfinite(value))
            v = not_finite;
          else if (tests.range && v == trusted && (value < c.lowest(f) || value > c.highest(f)))
            v = out_of_range;
        }
        if (v == trusted && tests.distance && !tests.tree.within(&x(n, 0))) v = too_far;
        verdict(n) = v;
      });
}

/// Places of the points that are (or are not) trusted, in order: stream compaction by a prefix sum.
/// Returns how many.
template <class Memory>
std::int64_t compact(const Vector<std::int8_t, Memory>& verdict, bool of_trusted,
                     const Vector<std::int64_t, Memory>& places) {
  std::int64_t count = 0;
  Kokkos::parallel_scan(
      "understudy compact", Range<Memory>(0, static_cast<std::int64_t>(verdict.extent(0))),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t& sum, bool last) {
        if ((verdict(n) == trusted) != of_trusted) return;
        if (last) places(sum) = n;
        ++sum;
      },
      count);
  return count;
}

/// to(n) = from(places(n)), as far as `to` reaches.
template <class From, class To, class Memory>
void gather(const Matrix<From, Memory>& from, const Vector<std::int64_t, Memory>& places,
            const Matrix<To, Memory>& to) {
  const int width = static_cast<int>(to.extent(1));
  Kokkos::parallel_for(
      "understudy gather", Range<Memory>(0, static_cast<std::int64_t>(to.extent(0))),
      KOKKOS_LAMBDA(std::int64_t n) {
        for (int f = 0; f < width; ++f) to(n, f) = from(places(n), f);
      });
}

/// to(places(n)) = from(n).
template <class Real, class Memory>
void scatter(const Matrix<Real, Memory>& from, const Vector<std::int64_t, Memory>& places,
             const Matrix<Real, Memory>& to) {
  const int width = static_cast<int>(to.extent(1));
  Kokkos::parallel_for(
      "understudy scatter", Range<Memory>(0, static_cast<std::int64_t>(from.extent(0))),
      KOKKOS_LAMBDA(std::int64_t n) {
        for (int f = 0; f < width; ++f) to(places(n), f) = from(n, f);
      });
}

/// What the network said of the points at `places`.
template <class Net, class Memory>
struct Prediction {
  Kokkos::View<const Net***, Kokkos::LayoutRight, Memory>
      y;  ///< [member, point, output], normalised
  Vector<std::int64_t, Memory> places;
  double largest_disagreement = -1;  ///< < 0: not tested
};

/// The members' mean into `out`, judged: finite, and the members' standard deviation, in units of each
/// output's own, not beyond the largest. Points that fail get their verdict, and no output.
template <class Real, class Net, class Memory>
void accept(const Prediction<Net, Memory>& p, const ColumnStatistics<Memory>& c,
            const Vector<std::int8_t, Memory>& verdict, const Matrix<Real, Memory>& out) {
  const int members = static_cast<int>(p.y.extent(0)), width = static_cast<int>(p.y.extent(2));
  const bool test = p.largest_disagreement >= 0;
  Kokkos::parallel_for(
      "understudy accept", Range<Memory>(0, static_cast<std::int64_t>(p.y.extent(1))),
      KOKKOS_LAMBDA(std::int64_t n) {
        const std::int64_t place = p.places(n);
        std::int8_t v = trusted;
        for (int o = 0; o < width && v == trusted; ++o) {
          double sum = 0, squares = 0;
          for (int m = 0; m < members; ++m) sum += p.y(m, n, o);
          const double mean = sum / members;
          for (int m = 0; test && m < members; ++m)
            squares += (p.y(m, n, o) - mean) * (p.y(m, n, o) - mean);
          const Real value = static_cast<Real>(mean * c.std(o) + c.mean(o));
          if (!Kokkos::isfinite(value))
            v = bad_output;
          else if (test && !(Kokkos::sqrt(squares / members) <= p.largest_disagreement))
            v = disagreed;
          else
            out(place, o) = value;
        }
        verdict(place) = v;
      });
}

template <class Memory>
void count_verdicts(const Vector<std::int8_t, Memory>& verdict,
                    const Vector<long long, Memory>& counts) {
  Kokkos::parallel_for(
      "understudy count", Range<Memory>(0, verdicts),
      KOKKOS_LAMBDA(std::int64_t v) { counts(v) = 0; });
  Kokkos::parallel_for(
      "understudy count", Range<Memory>(0, static_cast<std::int64_t>(verdict.extent(0))),
      KOKKOS_LAMBDA(std::int64_t n) {
        if (verdict(n) != trusted) Kokkos::atomic_add(&counts(verdict(n)), 1LL);
      });
}

}  // namespace understudy::sub_model
