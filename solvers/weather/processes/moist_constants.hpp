// Constants of moist air that the weather processes share, and saturation over water.
#pragma once

#include <Kokkos_Core.hpp>

namespace understudy::solvers {

/// J/(kg K), J/kg, Pa. The defaults are CM1's but for latent heat, which is constant here.
template <class Real>
struct MoistConstants {
  Real cp = Real(1005.7);       ///< of dry air at constant pressure, J/(kg K)
  Real rd = Real(287.04);       ///< gas constant of dry air, J/(kg K)
  Real rv = Real(461.5);        ///< gas constant of vapour, J/(kg K)
  Real latent = Real(2.501e6);  ///< heat of vaporisation, J/kg
  Real p0 = Real(1e5);          ///< the pressure at which exner is 1, Pa

  template <class Other>
  MoistConstants<Other> as() const {
    return {Other(cp), Other(rd), Other(rv), Other(latent), Other(p0)};
  }
};

namespace weather {

/// Pressure (Pa) of an Exner function: p0 exner^(cp/Rd), of the standard p0 and not of the surface's
/// pressure.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real pressure_of(const MoistConstants<Real>& c, const Real exner) {
  // x^(cp/Rd) as x^3 sqrt(x) x^(cp/Rd - 7/2): the last power is of a number near 0 and is expanded,
  // to 1e-9 for cp/Rd within 0.01 of 7/2 and exner above 0.1.
  const Real extra = c.cp / c.rd - Real(3.5);
  const Real l = extra == 0 ? Real(0) : extra * Kokkos::log(exner);
  const Real correction = 1 + l * (1 + l * (Real(0.5) + l * (Real(1) / 6 + l / 24)));
  return c.p0 * exner * exner * exner * Kokkos::sqrt(exner) * correction;
}

/// Saturation mixing ratio over water (kg/kg) at T (K), p (Pa): Tetens' formula as Klemp and Wilhelmson
/// (1978), eq. 2.11, have it. T is held between 150 and 350 K: at 36 K the formula is singular.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real saturation(const Real temperature, const Real pressure) {
  const Real t = Kokkos::fmin(Kokkos::fmax(temperature, Real(150)), Real(350));
  return Real(380) / pressure * Kokkos::exp(Real(17.27) * (t - 273) / (t - 36));
}

/// d qvs / dT (1/K), of the saturation mixing ratio qvs at T.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real saturation_slope(const Real temperature, const Real qvs) {
  const Real t = Kokkos::fmin(Kokkos::fmax(temperature, Real(150)), Real(350)) - 36;
  return qvs * Real(17.27 * 237) / (t * t);
}

}  // namespace weather
}  // namespace understudy::solvers
