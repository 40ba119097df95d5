// The reaction's rate at a point (reaction.hpp). Private to solvers/flow.
#pragma once

#include <Kokkos_Core.hpp>

namespace understudy::solvers::flow {

enum class Growth { none, logistic, bistable };

/// R(c) (1/s) of a scalar c (1).
template <class Real>
struct ReactionRate {
  Growth growth = Growth::none;
  Real rate = 0, threshold = 0, decay = 0;  ///< 1/s, 1, 1/s

  KOKKOS_INLINE_FUNCTION Real operator()(const Real c) const {
    Real grown = 0;
    // Without the bound what undershoots 0 would run away from it.
    if (growth == Growth::logistic) grown = rate * (c > 0 ? c : Real(0)) * (1 - c);
    if (growth == Growth::bistable) grown = rate * c * (1 - c) * (c - threshold);
    return grown - decay * c;
  }
};

}  // namespace understudy::solvers::flow
