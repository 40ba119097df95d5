// Drag of gravity waves on the wind of a column: two ways in which waves of many phase speeds c give up the
// momentum that they carry upwards from a source at the column's foot. Levels l = 0 ... upwards of thickness
// dz (m); u (m/s), n buoyancy frequency (1/s), rho (kg/m3) of each. The fluxes (Pa) of all waves add up to the
// source's; what does not break leaves at the top. sum(rho drag dz) is the flux that was given up.
//
// Alexander and Dunkerton (1999, J. Atmos. Sci. 56): a wave goes up unchanged and leaves all of its flux in the
// level where it breaks,
//   |b| rho_source >= rho k |c - u|^3 / (2 N)   (b: its flux over density at the source, m2/s2)
// or meets its critical level (c - u changes sign). Waves that would break at the source are not launched. A wave
// is reflected where (c - u)^2 >= N^2 / (k^2 + 1/(4 H^2)) and leaves nothing.
//
// Holton and Lindzen (1972, J. Atmos. Sci. 29) in the form of Plumb (1977): a wave is damped by radiation at
// alpha (1/s),
//   F(z) = F_source exp(-int alpha N / (k (c - u)^2) dz).
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/array.hpp"

namespace understudy::solvers::weather {

/// The waves, on the device.
template <class Real>
struct WaveSpectrum {
  using Row = Kokkos::View<Real*, mesh::Memory>;
  int waves = 0, levels = 0;
  Real dz = 0;            ///< m
  Real scale_height = 0;  ///< H, m
  Row speed;              ///< c, m/s
  Row share;              ///< of the source's flux; positive: their sum is 1
  Row amplitude;          ///< |b| of a wave when it is there, m2/s2
  Row wave_number;        ///< k, 1/m
  Row damping;            ///< alpha of each level, 1/s
};

/// Momentum flux (Pa) of either sign by the wave's direction in the air of the source.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real signed_flux(const Real flux, const Real intrinsic) {
  return intrinsic > 0 ? flux : intrinsic < 0 ? -flux : Real(0);
}

/// Row: drag(l), n(l), ... of one column.
template <class Real, class Wind, class Buoyancy, class Density, class Drag>
KOKKOS_INLINE_FUNCTION void breaking_drag(const WaveSpectrum<Real>& s, const Real source_flux,
                                          const Wind& u, const Buoyancy& n, const Density& rho,
                                          const Drag& drag) {
  for (int l = 0; l < s.levels; ++l) drag(l) = 0;
  for (int w = 0; w < s.waves; ++w) {
    const Real k = s.wave_number(w), c = s.speed(w), at_source = c - u(0);
    const Real flux = signed_flux(source_flux * s.share(w), at_source);
    const Real largest = k * k + Real(0.25) / (s.scale_height * s.scale_height);
    const Real weight = 2 * s.amplitude(w) * rho(0) / k;
    for (int l = 0; l < s.levels; ++l) {
      const Real here = c - u(l), square = here * here;
      if (square * largest >= n(l) * n(l)) break;  // reflected
      const bool breaks = weight * n(l) >= rho(l) * square * Kokkos::fabs(here);
      if (!breaks && here * at_source > 0) continue;
      if (l > 0) drag(l) += flux / (rho(l) * s.dz);
      break;
    }
  }
}

template <class Real, class Wind, class Buoyancy, class Density, class Drag>
KOKKOS_INLINE_FUNCTION void damped_drag(const WaveSpectrum<Real>& s, const Real source_flux,
                                        const Wind& u, const Buoyancy& n, const Density& rho,
                                        const Drag& drag) {
  for (int l = 0; l < s.levels; ++l) drag(l) = 0;
  for (int w = 0; w < s.waves; ++w) {
    const Real c = s.speed(w);
    Real flux = signed_flux(source_flux * s.share(w), c);
    for (int l = 0; l < s.levels; ++l) {
      const Real square = (c - u(l)) * (c - u(l)) + Real(1e-6);
      const Real left =
          flux * Kokkos::exp(-s.dz * s.damping(l) * n(l) / (s.wave_number(w) * square));
      drag(l) += (flux - left) / (rho(l) * s.dz);
      flux = left;
    }
  }
}

}  // namespace understudy::solvers::weather
