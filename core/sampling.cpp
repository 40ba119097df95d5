#include "core/sampling.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace {
constexpr std::uint64_t golden_gamma = 0x9E3779B97F4A7C15ull;
}

void SplitMix::skip(std::uint64_t numbers) { state_ += numbers * golden_gamma; }

std::uint64_t SplitMix::bits() {
  std::uint64_t z = (state_ += golden_gamma);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// Those of the last, incomplete round of n are drawn again, so that no number is favoured.
std::uint64_t SplitMix::below(std::uint64_t n) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  std::uint64_t drawn = bits();
  while (drawn >= limit) drawn = bits();
  return drawn % n;
}

std::vector<std::size_t> shuffled(std::size_t n, SplitMix& random) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = n; left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  SplitMix numbers(a);
  numbers.skip(b);
  return numbers.bits();
}

std::vector<std::int64_t> epoch_order(std::int64_t count, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::int64_t> order(count);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t n = order.size(); n > 1; --n)
    std::swap(order[n - 1], order[mix(mix(seed, epoch), n) % n]);
  return order;
}

namespace {

// x^s + a_1 x^(s-1) + ... + a_(s-1) x + 1, the bits of `a` being a_1 ... a_(s-1), and the first s odd
// numbers m_k < 2^k; of axes 2, 3... (the first axis is van der Corput's sequence).
struct Primitive {
  int degree;
  unsigned a;
  std::array<unsigned, 5> m;
};
constexpr std::array<Primitive, Sobol::most_axes - 1> joe_kuo{{{1, 0, {1}},
                                                               {2, 1, {1, 3}},
                                                               {3, 1, {1, 3, 1}},
                                                               {3, 2, {1, 1, 1}},
                                                               {4, 1, {1, 1, 3, 3}},
                                                               {4, 4, {1, 3, 5, 13}},
                                                               {5, 2, {1, 1, 5, 5, 17}},
                                                               {5, 4, {1, 1, 5, 5, 5}},
                                                               {5, 7, {1, 1, 7, 11, 19}},
                                                               {5, 11, {1, 1, 5, 1, 1}},
                                                               {5, 13, {1, 1, 1, 3, 11}},
                                                               {5, 14, {1, 3, 5, 5, 31}}}};

// v_k = m_k / 2^k as integers of 32 binary places; beyond the initial ones by the recurrence
// v_k = a_1 v_(k-1) ^ ... ^ a_(s-1) v_(k-s+1) ^ v_(k-s) ^ (v_(k-s) / 2^s).
std::array<std::uint32_t, Sobol::digits> directions_of(const Primitive& p) {
  std::array<std::uint32_t, Sobol::digits> v{};
  for (int k = 0; k < Sobol::digits; ++k) {
    if (k < p.degree) {
      v[k] = p.m[k] << (31 - k);
      continue;
    }
    v[k] = v[k - p.degree] ^ (v[k - p.degree] >> p.degree);
    for (int n = 1; n < p.degree; ++n)
      if (p.a >> (p.degree - 1 - n) & 1u) v[k] ^= v[k - n];
  }
  return v;
}

// Each fills [point][axis].
void latin_hypercube(const SamplingPlan& plan, SplitMix& random, std::span<double> points) {
  const auto axes = static_cast<std::size_t>(plan.axes);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const auto interval = shuffled(plan.points, random);
    for (std::size_t n = 0; n < plan.points; ++n)
      points[n * axes + axis] =
          (static_cast<double>(interval[n]) + random.uniform()) / static_cast<double>(plan.points);
  }
}

void shifted_sobol(const SamplingPlan& plan, SplitMix& random, std::span<double> points) {
  const Sobol sequence(plan.axes);
  std::vector<std::uint32_t> x;  // digits of the next point, shifted; point 0 is the origin
  for (int axis = 0; axis < plan.axes; ++axis)
    x.push_back(static_cast<std::uint32_t>(random.bits() >> 32));
  auto into = points.begin();
  for (std::size_t n = 0; n < plan.points; ++n) {
    for (std::size_t axis = 0; axis < x.size(); ++axis) *into++ = x[axis] * 0x1.0p-32;
    sequence.advance(static_cast<std::uint32_t>(n), x);
  }
}

void scrambled_halton(const SamplingPlan& plan, SplitMix& random, std::span<double> points) {
  const auto axes = static_cast<std::size_t>(plan.axes);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const Halton sequence(static_cast<int>(axis), &random);
    for (std::size_t n = 0; n < plan.points; ++n) points[n * axes + axis] = sequence.point(n);
  }
}

}  // namespace

Sobol::Sobol(int axes) {
  if (axes < 1 || axes > most_axes)
    throw UserError(
        core::format("sobol: {} axes are asked for; there are 1 to {}; "
                     "latin_hypercube takes any number",
                     axes, most_axes));
  auto& first = directions_.emplace_back();
  for (int k = 0; k < digits; ++k) first[k] = 1u << (31 - k);
  for (int axis = 1; axis < axes; ++axis) directions_.push_back(directions_of(joe_kuo[axis - 1]));
}

std::vector<std::uint32_t> Sobol::point(std::uint32_t index) const {
  std::vector<std::uint32_t> x(directions_.size(), 0);
  for (std::uint32_t gray = index ^ (index >> 1); gray != 0; gray &= gray - 1)
    for (std::size_t axis = 0; axis < x.size(); ++axis)
      x[axis] ^= directions_[axis][std::countr_zero(gray)];
  return x;
}

// Gray codes of n and n + 1 differ in the digit where n has its lowest 0.
void Sobol::advance(std::uint32_t index, std::vector<std::uint32_t>& x) const {
  const auto digit = static_cast<std::size_t>(std::countr_one(index));
  for (std::size_t axis = 0; axis < x.size(); ++axis) x[axis] ^= directions_[axis][digit];
}

int Halton::base(int axis) {
  constexpr std::array<int, most_axes> primes{2,  3,  5,  7,  11, 13, 17, 19, 23, 29,
                                              31, 37, 41, 43, 47, 53, 59, 61, 67, 71};
  if (axis < 0 || axis >= most_axes)
    throw UserError(core::format(
        "halton: {} axes are asked for; there are 1 to {}; latin_hypercube takes any number",
        axis + 1, most_axes));
  return primes[static_cast<std::size_t>(axis)];
}

Halton::Halton(int axis, SplitMix* random) : base_(base(axis)) {
  std::vector<double> share{1};  // of a digit at each place
  while (share.back() > 0x1.0p-40) share.push_back(share.back() / base_);
  const std::size_t places = share.size() - 1, b = static_cast<std::size_t>(base_);
  permutations_.resize(places * b);
  for (std::size_t place = 0; place < places; ++place)
    for (std::size_t digit = 0; digit < b; ++digit)
      permutations_[place * b + digit] = static_cast<std::uint8_t>(digit);
  if (random)
    for (std::size_t place = 0; place < places; ++place) {
      const auto order = shuffled(b, *random);
      for (std::size_t digit = 0; digit < b; ++digit)
        permutations_[place * b + digit] = static_cast<std::uint8_t>(order[digit]);
    }
  tails_.assign(places + 1, 0);
  for (std::size_t place = places; place-- > 0;)
    tails_[place] = tails_[place + 1] + permutations_[place * b] * share[place + 1];
}

double Halton::point(std::uint64_t index) const {
  const auto b = static_cast<std::uint64_t>(base_);
  const double inverse = 1.0 / base_;
  double x = 0, share = 1;
  std::size_t place = 0;
  for (; index > 0 && place + 1 < tails_.size(); index /= b, ++place) {
    share *= inverse;
    x += permutations_[place * b + index % b] * share;
  }
  return std::min(x + tails_[place], 0x1.fffffffffffffp-1);
}

std::vector<std::string> sampling_methods() {
  return {"latin_hypercube", "sobol", "halton", "random"};
}

void fill_unit_cube(const SamplingPlan& plan, std::span<double> points) {
  SplitMix random(plan.seed);
  if (plan.method == "latin_hypercube") return latin_hypercube(plan, random, points);
  if (plan.method == "sobol") return shifted_sobol(plan, random, points);
  if (plan.method == "halton") return scrambled_halton(plan, random, points);
  if (plan.method != "random")
    throw UserError(core::format(
        "no sampling '{}'; there are latin_hypercube, sobol, halton and random", plan.method));
  for (double& x : points) x = random.uniform();
}

std::vector<std::vector<double>> sample_unit_cube(const SamplingPlan& plan) {
  const auto axes = static_cast<std::size_t>(plan.axes);
  std::vector<double> flat(plan.points * axes);
  fill_unit_cube(plan, flat);
  std::vector<std::vector<double>> points;
  for (auto at = flat.begin(); at != flat.end(); at += plan.axes)
    points.emplace_back(at, at + plan.axes);
  return points;
}

}  // namespace understudy::core
