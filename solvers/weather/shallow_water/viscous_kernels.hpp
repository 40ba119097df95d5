// The Laplacian on a cubed sphere at a point: with X = tan(alpha), Y = tan(beta), rho^2 = 1 + X^2 + Y^2,
//     J g^(alpha alpha) = (1 + Y^2) / rho,   J g^(alpha beta) = X Y / rho,   J g^(beta beta) = (1 + X^2) / rho,
// so that through an x face J grad q . grad alpha = J g^(alpha alpha) dq/d(alpha) + J g^(alpha beta) dq/d(beta)
// flows per d(beta). Derivatives are central, fourth order. q has two ghosts more than there are faces.
#pragma once

#include <Kokkos_Core.hpp>

namespace understudy::solvers::shallow_water {

/// tan of the angles at faces and centres, [index], of the axis normal to the face and the one along it.
template <class Real>
struct Tangents {
  const Real* face;
  const Real* centre;
};

/// What flows up the gradient through the face below q[0], times the step; s along the face's normal, t along the face.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real gradient_flux(const Real* q, const long s, const long t,
                                               const Real across, const Real along) {
  const Real inverse = Real(1) / Kokkos::sqrt(Real(1) + across * across + along * along);
  const Real normal = (Real(27) * (q[0] - q[-s]) - (q[s] - q[-2 * s])) * Real(1.0 / 24);
  Real aside = 0;
  for (int m = -2; m < 2; ++m) {
    const Real* const p = q + m * s;
    const Real slope = (Real(8) * (p[t] - p[-t]) - (p[2 * t] - p[-2 * t])) * Real(1.0 / 12);
    aside += (m == -2 || m == 1 ? Real(-1.0 / 16) : Real(9.0 / 16)) * slope;
  }
  return ((Real(1) + along * along) * normal + across * along * aside) * inverse;
}

}  // namespace understudy::solvers::shallow_water
