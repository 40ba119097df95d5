// Warm rain after Kessler (1969) in the form of Klemp and Wilhelmson (1978, J. Atmos. Sci. 35), at a point
// and in a column. Mixing ratios over dry air (kg/kg): qv vapour, qc cloud, qr rain; theta (K), exner (1),
// rho of dry air (kg/m3).
//
// In a step of dt (s), in this order:
//   cloud to rain      dqr/dt = k1 max(qc - a, 0) + k2 qc qr^0.875                             (2.13a, b)
//   vapour to cloud    (qv - qvs) / (1 + (L/cp) dqvs/dT), by Newton's method, between -qc and qv    (3.10)
//   rain to vapour     (1 - qv/qvs) C (x)^0.525 / (rho (5.4e5 + 2.55e6 / (p qvs))),            (2.14a, b)
//                      C = 1.6 + 124.9 x^0.2046, x = rho qr in g/cm3, rho in g/cm3, p in hPa;
//                      at most to saturation and at most qr
// The first is implicit in qc, so that none is larger than what there is. Fall speed of rain (2.15):
//   V = 36.34 x^0.1364 (rho_surface / rho)^0.5 m/s
#pragma once

#include "solvers/weather/processes/moist_constants.hpp"

namespace understudy::solvers::weather {

template <class Real>
struct KesslerRates {
  Real autoconversion = Real(1e-3);  ///< k1, 1/s
  Real threshold = Real(1e-3);       ///< a, kg/kg
  Real accretion = Real(2.2);        ///< k2, 1/s
  int newton_steps = 1;              ///< of the saturation adjustment
};

template <class Real>
struct MoistPoint {
  Real theta, qv, qc, qr;  ///< K, kg/kg
  Real exner, rho;         ///< 1, kg/m3
};

/// What changes its phase or size in a step, kg/kg: the process's outputs.
template <class Real>
struct Transfers {
  Real rain_formation;    ///< cloud to rain, >= 0
  Real condensation;      ///< vapour to cloud; negative: cloud evaporates
  Real rain_evaporation;  ///< rain to vapour, >= 0
};

/// What transport undershot is taken from the vapour: water stays what it was.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION void fill_negative(MoistPoint<Real>& at) {
  const Real cloud = at.qc < 0 ? at.qc : Real(0), rain = at.qr < 0 ? at.qr : Real(0);
  at.qc -= cloud;
  at.qr -= rain;
  at.qv += cloud + rain;
}

/// Cloud that becomes rain by autoconversion and accretion in dt, kg/kg.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real rain_formation(const KesslerRates<Real>& k, const Real qc,
                                                const Real qr, const Real dt) {
  const Real excess = qc > k.threshold ? qc - k.threshold : Real(0);
  const Real power = qr > 0 ? qr / Kokkos::sqrt(Kokkos::sqrt(Kokkos::sqrt(qr))) : Real(0);
  const Real left = (qc - dt * k.autoconversion * excess) / (1 + dt * k.accretion * power);
  return qc - (left > 0 ? left : Real(0));
}

/// Vapour that condenses until saturation, between -qc and qv, kg/kg.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real saturation_adjustment(const MoistConstants<Real>& c,
                                                       const Real temperature, const Real pressure,
                                                       const Real qv, const Real qc,
                                                       const int newton_steps) {
  const Real warming = c.latent / c.cp;
  Real condensed = 0;
  for (int n = 0; n < newton_steps; ++n) {
    const Real t = temperature + warming * condensed;
    const Real qvs = saturation(t, pressure);
    condensed += (qv - condensed - qvs) / (1 + warming * saturation_slope(t, qvs));
    condensed = condensed > qv ? qv : condensed;
    condensed = condensed < -qc ? -qc : condensed;
  }
  return condensed;
}

/// Rain that evaporates in dt into air of vapour qv below its saturation qvs, kg/kg; not yet bounded.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real rain_evaporation(const Real qv, const Real qvs, const Real qr,
                                                  const Real pressure, const Real rho,
                                                  const Real dt) {
  if (qr <= 0 || qv >= qvs) return 0;
  const Real density = Real(1e-3) * rho;
  const Real x = Kokkos::log(density * qr);
  const Real ventilation = Real(1.6) + Real(124.9) * Kokkos::exp(Real(0.2046) * x);
  const Real resistance = Real(5.4e5) + Real(2.55e8) / (pressure * qvs);
  return dt * (1 - qv / qvs) * ventilation * Kokkos::exp(Real(0.525) * x) / (density * resistance);
}

/// All of a step at a point whose qc and qr are not negative.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Transfers<Real> kessler_transfers(const MoistConstants<Real>& c,
                                                              const KesslerRates<Real>& k,
                                                              const MoistPoint<Real>& at,
                                                              const Real dt) {
  Transfers<Real> to{rain_formation(k, at.qc, at.qr, dt), 0, 0};
  const Real qc = at.qc - to.rain_formation, qr = at.qr + to.rain_formation;
  const Real temperature = at.theta * at.exner, pressure = pressure_of(c, at.exner);
  to.condensation = saturation_adjustment(c, temperature, pressure, at.qv, qc, k.newton_steps);
  if (qr <= 0) return to;
  const Real qv = at.qv - to.condensation;
  const Real t = temperature + c.latent / c.cp * to.condensation;
  const Real qvs = saturation(t, pressure);
  const Real missing = (qvs - qv) / (1 + c.latent / c.cp * saturation_slope(t, qvs));
  Real evaporated = rain_evaporation(qv, qvs, qr, pressure, at.rho, dt);
  evaporated = evaporated < missing ? evaporated : missing;
  evaporated = evaporated < qr ? evaporated : qr;
  to.rain_evaporation = evaporated > 0 ? evaporated : Real(0);
  return to;
}

/// Moves water as far as there is any, and heats: total water and cp exner theta + L qv are those before,
/// whoever computed `to`.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION void apply(const MoistConstants<Real>& c, const Transfers<Real>& to,
                                       MoistPoint<Real>& at) {
  Real formed = to.rain_formation < at.qc ? to.rain_formation : at.qc;
  formed = formed > 0 ? formed : Real(0);
  at.qc -= formed;
  at.qr += formed;
  Real condensed = to.condensation < at.qv ? to.condensation : at.qv;
  condensed = condensed > -at.qc ? condensed : -at.qc;
  at.qv -= condensed;
  at.qc += condensed;
  Real evaporated = to.rain_evaporation < at.qr ? to.rain_evaporation : at.qr;
  evaporated = evaporated > 0 ? evaporated : Real(0);
  at.qr -= evaporated;
  at.qv += evaporated;
  at.theta += c.latent / (c.cp * at.exner) * (condensed - evaporated);
}

/// V, m/s.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real rain_fall_speed(const Real qr, const Real rho,
                                                 const Real rho_surface) {
  if (qr <= 0) return 0;
  return Real(36.34) * Kokkos::pow(Real(1e-3) * rho * qr, Real(0.1364)) *
         Kokkos::sqrt(rho_surface / rho);
}

}  // namespace understudy::solvers::weather
