// Moist air with the heat capacities of all that is in it, at a point: saturation over water, wet equivalent
// potential temperature and adjustment to saturation in a closed volume. Mixing ratios are kg a kg of dry air.
#pragma once

#include <Kokkos_Core.hpp>

namespace understudy::solvers::moist {

/// J/(kg K), J/kg, K, Pa. Those of water are CM1's (G. Bryan).
template <class Real>
struct Air {
  Real cp = Real(1005.7), rd = Real(287.04);  ///< dry air
  Real gravity = Real(9.81);                  ///< m/s2
  Real p0 = Real(1e5);
  Real rv = Real(461.5), cpv = Real(1870), cl = Real(4190);
  Real latent_0 = Real(2.501e6), t0 = Real(273.15);  ///< heat of vaporisation at t0

  KOKKOS_FORCEINLINE_FUNCTION Real kappa() const { return rd / cp; }
  KOKKOS_FORCEINLINE_FUNCTION Real gamma() const { return cp / (cp - rd); }
  /// Heat of vaporisation at T, J/kg (Kirchhoff).
  KOKKOS_FORCEINLINE_FUNCTION Real latent(Real t) const { return latent_0 - (cl - cpv) * (t - t0); }
  /// Heat capacities of a kg of dry air and its water, J/K.
  KOKKOS_FORCEINLINE_FUNCTION Real cpm(Real qv, Real liquid) const {
    return cp + cpv * qv + cl * liquid;
  }
  KOKKOS_FORCEINLINE_FUNCTION Real rm(Real qv) const { return rd + rv * qv; }
};

/// Saturation pressure over water, Pa (Bolton 1980, eq. 10).
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real saturation_pressure(const Real t) {
  return Real(611.2) * Kokkos::exp(Real(17.67) * (t - Real(273.15)) / (t - Real(29.65)));
}

/// Saturation mixing ratio at temperature (K) and total pressure (Pa).
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real saturation_ratio(const Air<Real>& a, const Real t, const Real p) {
  const Real e = saturation_pressure(t);
  return a.rd / a.rv * e / (p - e);
}

/// Wet equivalent potential temperature of saturated air, K (Bryan & Fritsch 2002, eq. 23).
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real wet_equivalent_theta(const Air<Real>& a, const Real t,
                                                      const Real p, const Real qv,
                                                      const Real total) {
  const Real dry = p / (1 + qv * a.rv / a.rd), c = a.cp + a.cl * total;
  return t * Kokkos::pow(dry / a.p0, -a.rd / c) * Kokkos::exp(a.latent(t) * qv / (c * t));
}

/// Vapour that condenses until saturation in a closed volume of dry density rho_d (kg/m3), between -qc and qv:
/// internal energy is kept, (cv + ...) dT = (L - Rv T) dqc. Newton's method; T (K) is changed with it.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real condense(const Air<Real>& a, const Real rho_d, const Real qv,
                                          const Real qc, const Real qr, Real& t) {
  Real condensed = 0;
  const Real start = t;
  for (int n = 0; n < 3; ++n) {
    const Real v = qv - condensed, liquid = qc + qr + condensed;
    const Real cv = a.cpm(v, liquid) - a.rm(v);
    const Real qvs = saturation_pressure(t) / (rho_d * a.rv * t);
    const Real heat = (a.latent(t) - a.rv * t) / cv;
    const Real slope =
        qvs * (Real(17.67 * 243.5) / ((t - Real(29.65)) * (t - Real(29.65))) - 1 / t);
    condensed += (v - qvs) / (1 + heat * slope);
    condensed = condensed > qv ? qv : condensed;
    condensed = condensed < -qc ? -qc : condensed;
    t = start + heat * condensed;
  }
  return condensed;
}

}  // namespace understudy::solvers::moist
