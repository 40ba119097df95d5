// Points in the unit cube [0, 1)^d by which a study chooses its cases. The same method, count,
// dimension and seed give the same points everywhere; the points of one rank are those of any other.
//
//   latin_hypercube  each of the n equal intervals of every axis holds exactly one point, at a random
//                    place of it; the axes are permuted independently (McKay, Beckman & Conover 1979)
//   sobol            the base-2 low-discrepancy sequence (Sobol 1967) with the primitive polynomials
//                    and initial direction numbers of Joe & Kuo (2008, "new-joe-kuo-6"), in Gray-code
//                    order (Antonov & Saleev 1979), with a random digital shift of every axis
//                    (Cranley & Patterson 1976 in base 2), which keeps its equidistribution. The first
//                    2^m points are balanced; other counts less so
//   halton           axis i is the radical inverse of the index in base b_i, the i-th prime (Halton
//                    1960), with a random permutation of the digits at every place of every axis (Owen
//                    2017), without which axes of large bases are correlated
//   random           independent uniform points
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace understudy::core {

/// Random numbers that are the same on every platform: splitmix64 (Steele, Lea & Flood 2014).
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits();
  /// As if `numbers` had been drawn.
  void skip(std::uint64_t numbers);
  /// In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  /// In [0, n), n > 0.
  std::uint64_t below(std::uint64_t n);

 private:
  std::uint64_t state_;
};

/// 0 ... n - 1 in random order (Fisher & Yates).
std::vector<std::size_t> shuffled(std::size_t n, SplitMix& random);

/// A well-mixed seed from two numbers: number `b` that SplitMix draws from the seed `a`.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);

/// 0 ... count - 1 in an order that depends on (seed, epoch) alone, so that any epoch's can be had at once
/// (Fisher & Yates, number n of the shuffle being mix(mix(seed, epoch), n) mod n).
std::vector<std::int64_t> epoch_order(std::int64_t count, std::uint64_t seed, std::uint64_t epoch);

class Sobol {
 public:
  static constexpr int most_axes = 13;
  static constexpr int digits = 32;  ///< binary digits of a coordinate; indices stay below 2^32
  /// UserError beyond most_axes.
  explicit Sobol(int axes);
  /// Point `index` of the sequence without shift as integers, x = value / 2^32; point 0 is the origin.
  std::vector<std::uint32_t> point(std::uint32_t index) const;
  /// From point `index`, or that with its digits shifted, to the next one.
  void advance(std::uint32_t index, std::vector<std::uint32_t>& x) const;

 private:
  std::vector<std::array<std::uint32_t, digits>> directions_;  ///< [axis][digit]
};

/// The radical inverse in one base, with the digits at each place permuted by a random permutation.
class Halton {
 public:
  static constexpr int most_axes = 20;
  /// The base of an axis. UserError beyond most_axes.
  static int base(int axis);
  /// Without permutations where `random` is null.
  Halton(int axis, SplitMix* random);
  /// In [0, 1).
  double point(std::uint64_t index) const;

 private:
  int base_;
  std::vector<std::uint8_t> permutations_;  ///< [place][digit]
  std::vector<double> tails_;               ///< [places used]: what the permuted zeros behind give
};

/// Names of the methods, as decks give them.
std::vector<std::string> sampling_methods();

struct SamplingPlan {
  std::string method;  ///< one of sampling_methods()
  std::size_t points = 0;
  int axes = 0;
  std::uint64_t seed = 1;
};

/// Fills [point][axis] with points in [0, 1). UserError for an unknown method, or more axes than sobol or
/// halton has.
void fill_unit_cube(const SamplingPlan& plan, std::span<double> points);
/// [point][axis], the same points.
std::vector<std::vector<double>> sample_unit_cube(const SamplingPlan& plan);

}  // namespace understudy::core
