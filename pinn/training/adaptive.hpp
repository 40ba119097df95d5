// Residual-based adaptive distribution (Wu, Zhu, Tan, Kartha & Lu 2023, eq. 2): of many candidates x, points
// are drawn with probability
//
//   p(x) ~ |r(x)|^k / mean |r|^k + c.
//
// k = 0 or c -> infinity is an even draw; large k crowds the points where the residual is largest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/sampling.hpp"

namespace understudy::pinn {

/// Probabilities of the candidates, summed up: [candidate], the last is 1. `residual` [candidate], >= 0.
std::vector<double> adapted_distribution(std::span<const double> residual, double power,
                                         double floor);

/// `count` candidates, ascending, each as often as its probability says on average: one draw from each of
/// `count` equal parts of the distribution.
std::vector<std::int64_t> draw_from(std::span<const double> distribution, std::int64_t count,
                                    core::SplitMix& random);

}  // namespace understudy::pinn
