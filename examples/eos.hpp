// The physics of the examples: a stiffened gas with a thermal part, from density and specific energy to
// pressure and sound speed; smooth, and dear enough in real codes to be tabulated.
#pragma once

#include <Kokkos_Core.hpp>

namespace examples {

KOKKOS_INLINE_FUNCTION double pressure(double rho, double e) {
  const double gamma = 1.4 + 0.2 * Kokkos::exp(-e);
  return (gamma - 1) * rho * e + 0.3 * rho * rho;
}

KOKKOS_INLINE_FUNCTION double sound_speed(double rho, double e) {
  return Kokkos::sqrt(1.5 * pressure(rho, e) / rho);
}

}  // namespace examples
