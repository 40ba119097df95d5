// Warm rain by bins at a point: activation and condensation, and coalescence, of a spectrum q[b] (kg/kg,
// bin_grid.hpp).
//
// Activation (Twomey 1959): of nuclei N(S) = C (S / 1%)^k per m3, those that exceed the drops that are there
// become drops of the first bin.
// Condensation: r dr/dt = G S f / water, G = water / (F_k + F_d) (Rogers and Yau 1989, ch. 7), without
// curvature and solute (activated drops); f ventilation. S relaxes to 0 in the time tau in which the drops
// take it up: a sub-step uses the integral of S0 exp(-t/tau). r^2 grows by as much exactly; grown drops are shared
// between the two bins around their mass, so that number and mass are kept (Kovetz and Olund 1969). It does not
// pass saturation.
// Coalescence: the flux method of Bott (1998, J. Atmos. Sci. 55): the mass that collisions of bins i and j
// make is put into bin k and carried on to k + 1 by a flux with an exponential distribution between the
// two; pairs in turn, each with what the one before left. Mass is conserved to round-off, nothing negative.
#pragma once

#include "solvers/weather/processes/bin_grid.hpp"
#include "solvers/weather/processes/drop_fall_speed.hpp"
#include "solvers/weather/processes/kessler_kernels.hpp"

namespace understudy::solvers::weather {

/// Less than that in a bin is none, kg/kg.
template <class Real>
inline constexpr Real nothing = Real(1e-20);

/// One pair of bins, in q [bins]; rho_dt in kg s/m3.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION void collide(const BinTables<Real>& t, Real* q, const int i,
                                         const int j, const Real rho_dt) {
  // x is the number of collisions times both masses.
  Real x = t.kernel(i, j) * rho_dt * q[i] * q[j];
  const int k = t.target(i, j);
  x = x < q[i] * t.mass(j) ? x : q[i] * t.mass(j);
  if (j != k) x = x < q[j] * t.mass(i) ? x : q[j] * t.mass(i);
  const Real from_i = x / t.mass(j), from_j = x / t.mass(i), made = from_i + from_j;
  q[i] -= from_i;
  q[j] -= from_j;
  const Real here = q[k] + made;
  if (here <= nothing<Real>) {
    q[k] = here;
    return;
  }
  const Real c = t.courant(i, j), slope = Kokkos::log(q[k + 1] / here + Real(1e-30));
  // made / slope (e^(slope/2) - e^(slope (1/2 - c)))
  Real flux = Kokkos::fabs(slope) < Real(1e-4)
                  ? made * c
                  : made * Kokkos::exp(slope / 2) * -Kokkos::expm1(-slope * c) / slope;
  flux = flux < here ? flux : here;
  q[k] = here - flux;
  q[k + 1] += flux;
}

/// What rounding took from the sum `before` is put back into the fullest bin: hundreds of pairs a step would
/// add up.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION void restore_sum(const int bins, Real* q, const Real before) {
  Real after = 0;
  int fullest = 0;
  for (int b = 0; b < bins; ++b) {
    after += q[b];
    fullest = q[b] > q[fullest] ? b : fullest;
  }
  q[fullest] += before - after;
}

/// Coalescence in dt (s) in air of rho (kg/m3).
template <class Real>
KOKKOS_INLINE_FUNCTION void coalesce(const BinTables<Real>& t, Real* q, const Real rho,
                                     const Real dt) {
  const int steps = int(Kokkos::ceil(dt / t.coalescence_step));
  const Real thin = t.gravitational ? Kokkos::sqrt(Real(fall_speed_air_density) / rho) : Real(1);
  const Real rho_dt = rho * thin * dt / Real(steps);
  Real before = 0;
  for (int b = 0; b < t.bins; ++b) before += q[b];
  for (int s = 0; s < steps; ++s) {
    int first = 0, last = t.bins - 1;
    while (first < last && q[first] <= nothing<Real>) ++first;
    while (last > first && q[last] <= nothing<Real>) --last;
    if (last == t.bins - 1) --last;  // what is in the last bin has nowhere to go
    for (int i = first; i <= last; ++i)
      for (int j = i; j <= last; ++j)
        if (q[i] > nothing<Real> && q[j] > nothing<Real>) collide(t, q, i, j, rho_dt);
  }
  restore_sum(t.bins, q, before);
}

/// The bin of largest mass <= m, from bin b on; -1 below the first, at most bins - 1.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION int bin_of(const BinTables<Real>& t, const Real m, int b) {
  while (b + 1 < t.bins && t.mass(b + 1) <= m) ++b;
  while (b >= 0 && t.mass(b) > m) --b;
  return b;
}

/// Puts `number` (1/kg) drops of mass m (kg) into the two bins around it.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION void share(const BinTables<Real>& t, Real* to, const Real number,
                                       const Real m, const int from) {
  const int k = bin_of(t, m, from);
  if (k < 0 || k == t.bins - 1) {  // mass is kept, not number
    to[k < 0 ? 0 : k] += number * m;
    return;
  }
  const Real upper = number * (m - t.mass(k)) / (t.mass(k + 1) - t.mass(k)) * t.mass(k + 1);
  to[k] += number * m - upper;
  to[k + 1] += upper;
}

/// water / (F_k + F_d), m2/s times kg/m3: r dr/dt = it times S / water. T in K, p in Pa.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real growth_factor(const MoistConstants<Real>& c, const Real t,
                                               const Real p) {
  const Real conductivity = Real(4.1868e-3) * (Real(5.69) + Real(0.017) * (t - Real(273.15)));
  const Real diffusivity =
      Real(2.11e-5) * Kokkos::exp(Real(1.94) * Kokkos::log(t / Real(273.15))) * Real(101325) / p;
  const Real vapour_pressure = saturation(t, p) * p * c.rv / c.rd;
  const Real heat = (c.latent / (c.rv * t) - 1) * c.latent / (conductivity * t);
  return 1 / (heat + c.rv * t / (diffusivity * vapour_pressure));
}

/// Drops that are activated at qv, kg/kg of the first bin's; at most `limit`.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real activation(const BinTables<Real>& t, const Real* q,
                                            const Real supersaturation, const Real rho,
                                            const Real limit) {
  if (supersaturation <= 0 || t.nuclei <= 0) return 0;
  Real there = 0;
  for (int b = 0; b < t.bins; ++b) there += q[b] / t.mass(b);
  const Real active =
      t.nuclei / rho * Kokkos::exp(t.nuclei_exponent * Kokkos::log(100 * supersaturation));
  const Real mass = (active - there) * t.mass(0);
  return mass < 0 ? Real(0) : mass < limit ? mass : limit;
}

/// Activation and condensation in dt, theta (K) and vapour with them.
template <class Real>
KOKKOS_INLINE_FUNCTION void condense(const MoistConstants<Real>& c, const BinTables<Real>& t,
                                     Real* q, Real& qv, Real& temperature, const Real pressure,
                                     const Real rho, const Real dt) {
  const Real warming = c.latent / c.cp;
  const Real qvs = saturation(temperature, pressure);
  const Real gain = 1 + warming * saturation_slope(temperature, qvs);
  Real limit = (qv - qvs) / gain;  // to saturation
  const Real activated = activation(t, q, qv / qvs - 1, rho, limit);
  q[0] += activated;
  limit -= activated;
  qv -= activated;
  temperature += warming * activated;

  const Real growth = growth_factor(c, temperature, pressure);
  Real uptake = 0;  // of all drops at S = 1, 1/s
  for (int b = 0; b < t.bins; ++b) uptake += q[b] / t.mass(b) * t.radius(b) * t.ventilation(b);
  uptake *= Real(4 * 3.14159265358979323846) * growth;
  if (uptake <= 0) return;
  const Real rate = uptake * gain / qvs;  // 1 / tau
  const Real exposure = (qv / qvs - 1) * -Kokkos::expm1(-rate * dt) / rate;

  // Mass of each drop at the end, first as it would be, to know by how much saturation would be passed.
  Real condensed = 0;
  Real mass[most_bins];
  for (int b = 0; b < t.bins; ++b) {
    const Real r2 = t.radius(b) * t.radius(b);
    const Real grown = 1 + 2 * t.ventilation(b) * growth * exposure / (Real(1000) * r2);
    mass[b] = grown > 0 ? t.mass(b) * grown * Kokkos::sqrt(grown) : Real(0);
    condensed += q[b] / t.mass(b) * (mass[b] - t.mass(b));
  }
  const bool passes = condensed > 0 ? condensed > limit : condensed < limit;
  const Real part = passes ? (limit * condensed > 0 ? limit / condensed : Real(0)) : Real(1);
  Real to[most_bins], before = 0, after = 0;
  for (int b = 0; b < t.bins; ++b) to[b] = 0;
  for (int b = 0; b < t.bins; ++b) {
    before += q[b];
    if (q[b] <= nothing<Real>)
      to[b] += q[b];
    else
      share(t, to, q[b] / t.mass(b), t.mass(b) + part * (mass[b] - t.mass(b)), b);
  }
  for (int b = 0; b < t.bins; ++b) after += q[b] = to[b];
  qv -= after - before;
  temperature += warming * (after - before);
}

/// Activation and condensation in dt (s), in steps that the tables allow; theta (K) and qv (kg/kg) with them.
template <class Real>
KOKKOS_INLINE_FUNCTION void condense_in_steps(const MoistConstants<Real>& c,
                                              const BinTables<Real>& t, Real* q, Real& theta,
                                              Real& qv, const Real exner, const Real rho,
                                              const Real dt) {
  const Real pressure = pressure_of(c, exner);
  Real temperature = theta * exner;
  const int steps = int(Kokkos::ceil(dt / t.condensation_step));
  for (int s = 0; s < steps; ++s)
    condense(c, t, q, qv, temperature, pressure, rho, dt / Real(steps));
  theta = temperature / exner;
}

}  // namespace understudy::solvers::weather
