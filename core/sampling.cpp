#include "core/sampling.hpp"

#include <bit>
#include <format>
#include <numeric>
#include <utility>

#include "core/error.hpp"

namespace understudy::core {

std::uint64_t SplitMix::bits() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
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

std::vector<std::vector<double>> latin_hypercube(const SamplingPlan& plan, SplitMix& random) {
  std::vector<std::vector<double>> points(plan.points, std::vector<double>(plan.axes));
  for (int axis = 0; axis < plan.axes; ++axis) {
    const auto interval = shuffled(plan.points, random);
    for (std::size_t n = 0; n < plan.points; ++n)
      points[n][axis] =
          (static_cast<double>(interval[n]) + random.uniform()) / static_cast<double>(plan.points);
  }
  return points;
}

std::vector<std::vector<double>> shifted_sobol(const SamplingPlan& plan, SplitMix& random) {
  const Sobol sequence(plan.axes);
  std::vector<std::uint32_t> shift;
  for (int axis = 0; axis < plan.axes; ++axis)
    shift.push_back(static_cast<std::uint32_t>(random.bits() >> 32));
  std::vector<std::vector<double>> points;
  for (std::size_t n = 0; n < plan.points; ++n) {
    const auto digits = sequence.point(static_cast<std::uint32_t>(n));
    auto& point = points.emplace_back();
    for (int axis = 0; axis < plan.axes; ++axis)
      point.push_back(static_cast<double>(digits[axis] ^ shift[axis]) * 0x1.0p-32);
  }
  return points;
}

}  // namespace

Sobol::Sobol(int axes) {
  if (axes < 1 || axes > most_axes)
    throw UserError(
        std::format("sobol: {} axes are asked for; there are 1 to {}; "
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

std::vector<std::string> sampling_methods() { return {"latin_hypercube", "sobol", "random"}; }

std::vector<std::vector<double>> sample_unit_cube(const SamplingPlan& plan) {
  SplitMix random(plan.seed);
  if (plan.method == "latin_hypercube") return latin_hypercube(plan, random);
  if (plan.method == "sobol") return shifted_sobol(plan, random);
  if (plan.method != "random")
    throw UserError(
        std::format("no sampling '{}'; there are latin_hypercube, sobol and random", plan.method));
  std::vector<std::vector<double>> points(plan.points, std::vector<double>(plan.axes));
  for (auto& point : points)
    for (double& x : point) x = random.uniform();
  return points;
}

}  // namespace understudy::core
