// A passive tracer of the shallow-water equations, q (a fraction of the fluid), which h q carries.
//
// Its flux is that of the fluid times q interpolated upwind-biased: where q is the same everywhere it stays so
// to round-off. After every step q is clipped to the extremes that its surroundings of five by five cells had before the
// step, and what that takes or gives in mass is shared among the cells of all ranks by the room
// that they have to their bounds (clip and assured sum: Bradley, Bosler, Guba, Taylor, Barnett 2019, algorithm 3.1): no new
// extremes, no negative values, and mass to round-off.
#pragma once

#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"

namespace understudy::solvers::shallow_water {

/// q times the fluid's flux through the face below q[0].
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real carried_flux(const Real* q, const long s, const Real fluid) {
  return fluid * (fluid > 0 ? towards_face<order>(q, s) : towards_face<order>(q - s, -s));
}

}  // namespace understudy::solvers::shallow_water
